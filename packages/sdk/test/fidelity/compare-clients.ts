/** Runs the same program with a bare and with a wrapped client against the same script, and says how they differ: not at all. */
import OpenAI7 from 'openai'
import OpenAI6 from 'openai-v6'
import { expect } from 'vitest'
import { createCapture } from '../../src/capture/create-capture.ts'
import type { CallSink, CapturedCall } from '../../src/captured-call.ts'
import type { Reply, ScriptedUpstream, SeenRequest } from './scripted-upstream.ts'

/** Both versions have the same surface as far as these tests use it. */
export type Client = OpenAI7

export const CLIENTS = [
  { version: '6', make: (options: object) => new OpenAI6({ apiKey: 'sk-test', ...options }) as unknown as Client },
  { version: '7', make: (options: object) => new OpenAI7({ apiKey: 'sk-test', ...options }) },
]

export interface CollectingSink extends CallSink {
  calls: CapturedCall[]
  problems: string[]
  errors: unknown[]
}

export function collectingSink(): CollectingSink {
  const sink: CollectingSink = {
    calls: [],
    problems: [],
    errors: [],
    record: (call) => void sink.calls.push(call.read()),
    unparsed: (detail) => void sink.problems.push(detail),
    failed: (error) => void sink.errors.push(error),
  }
  return sink
}

export const newCapture = (sink: CallSink, streamUsage: 'request' | 'observe' = 'request') =>
  createCapture(sink, { userId: (user) => user, tags: {}, streamUsage })

/** What a program can see of an error. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { thrown: error }
  const { status, code, type, param, requestID, headers, error: body } = error as unknown as Record<string, unknown>
  return {
    class: error.constructor.name,
    name: error.name,
    message: error.message,
    status,
    code,
    type,
    param,
    requestID,
    body,
    headers: headers instanceof Headers ? Object.fromEntries(headers) : headers,
    cause: error.cause instanceof Error ? error.cause.name : undefined,
  }
}

/** What the server saw of a request, without the one thing that we change. */
function describeRequest({ method, path, headers, body }: SeenRequest) {
  const { 'content-length': length, host: _host, ...others } = headers
  const boundary = /boundary=(\S+)/.exec(String(headers['content-type'] ?? ''))?.[1]
  const isJson = String(headers['content-type'] ?? '').includes('json')
  if (length !== undefined) expect(Number(length)).toBe(Buffer.byteLength(body, 'latin1'))
  const parsed = isJson && body ? (JSON.parse(body) as Record<string, unknown>) : undefined
  if (parsed) delete parsed.stream_options
  const plain = (value: string) => (boundary ? value.replaceAll(boundary, 'BOUNDARY') : value)
  return {
    method,
    path,
    headers: { ...others, 'content-type': plain(String(headers['content-type'] ?? '')) },
    body: parsed ?? plain(body),
  }
}

export interface Scenario<Of = Client> {
  script: Reply[]
  run: (client: Of) => Promise<unknown>
  options?: object
}

async function observe<Of>(client: Of, upstream: ScriptedUpstream, { script, run }: Scenario<Of>) {
  upstream.script(...script)
  let seen: unknown
  try {
    seen = { value: await run(client) }
  } catch (error) {
    seen = { error: describeError(error) }
  }
  return { seen, requests: upstream.requests.map(describeRequest) }
}

/** Runs the scenario bare and wrapped, expects the same to be seen on both sides of the client, and returns what was captured. */
export async function compareClients<Of extends object>(
  make: (options: object) => Of,
  upstream: ScriptedUpstream,
  scenario: Scenario<Of>,
): Promise<CollectingSink> {
  const options = { baseURL: upstream.baseURL, maxRetries: 0, ...scenario.options }
  const bare = await observe(make(options), upstream, scenario)
  const sink = collectingSink()
  const capture = newCapture(sink)
  const wrapped = await observe(capture.wrap(make(options)), upstream, scenario)
  expect(wrapped.seen).toEqual(bare.seen)
  expect(wrapped.requests).toEqual(bare.requests)
  // Some bodies end by events that come after the program went on.
  for (let wait = 0; wait < 20 && capture.openCalls() > 0; wait++) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(sink.errors).toEqual([])
  return sink
}

/** All that an async iterable gives, and the error that ends it. */
export async function drain(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = []
  try {
    for await (const item of stream) items.push(item)
  } catch (error) {
    items.push({ error: describeError(error) })
  }
  return items
}
