/** Reads a request before it is sent: whether it is a call to a model, which one, and whether to ask for usage. */
import {
  type Dialect,
  isUnknownProvider,
  providerOf,
  readFormRequest,
  readJsonRequest,
  recogniseUrl,
  streamUsagePolicy,
} from '../dialects/index.ts'
import type { ExchangeRequest } from './exchange.ts'
import type { Recorder } from './recorder.ts'

/** What is sent, and what is known of it. */
export interface Plan {
  request: ExchangeRequest
  /** The request with usage asked for; undefined when it is sent as it is. */
  asking?: RequestInit
  hide: boolean
  /** The host, under which a refusal is remembered. */
  server: string
}

const urlOf = (input: unknown): string =>
  typeof input === 'string' ? input : input instanceof URL ? input.href : input instanceof Request ? input.url : String(input)

function isPost(input: unknown, init: RequestInit | undefined): boolean {
  const method = init?.method ?? (input instanceof Request ? input.method : undefined)
  return method === 'POST' || method?.toUpperCase() === 'POST'
}

/** The host of an absolute URL, port included. */
function hostOf(url: string): string {
  const start = url.indexOf('//') + 2
  let end = url.indexOf('/', start)
  if (end === -1) end = url.length
  return url.slice(url.lastIndexOf('@', end) > start ? url.lastIndexOf('@', end) + 1 : start, end)
}

/** What a URL says. */
export interface Target {
  url: string
  host: string
  dialect: Dialect
  provider: string
}

const targets = new Map<string, Target>()
const MAX_REMEMBERED_URLS = 1000

/** The model API that a request goes to; undefined for any other. */
export function targetOf(input: unknown, init: RequestInit | undefined): Target | undefined {
  const url = urlOf(input)
  let target = targets.get(url)
  if (!target) {
    const dialect = recogniseUrl(url)
    if (!dialect) return undefined
    const host = hostOf(url)
    target = { url, host, dialect, provider: providerOf(host, dialect) }
    if (targets.size < MAX_REMEMBERED_URLS) targets.set(url, target)
  }
  return isPost(input, init) ? target : undefined
}

/**
 * Reads the body, and writes the one that asks for usage where the provider takes the question and the caller left it open. Undefined
 * when the body shows that this is no request to a model. `isKnownWhole`: it asks for no stream, and needs not be searched for that.
 */
export function planExchange(
  { url, host, dialect, provider }: Target,
  init: RequestInit | undefined,
  recorder: Recorder,
  isKnownWhole: boolean,
): Plan | undefined {
  const body = init?.body
  const request: ExchangeRequest = { url, dialect, provider, model: '', stream: false, body, signal: init?.signal }
  const plan: Plan = { request, hide: false, server: host }
  if (body instanceof FormData) Object.assign(request, readFormRequest(body))
  const text = textOf(body)
  if (dialect.isRequest && isUnknownProvider(provider, dialect) && (text === undefined || !dialect.isRequest(text))) return undefined
  if (text === undefined) return plan
  request.body = text
  // Where no stream is asked for, nothing needs to be known before it is sent.
  if (isKnownWhole || !text.includes('stream"')) return plan
  const policy = streamUsagePolicy(provider, url)
  const mayAsk =
    policy.ask &&
    dialect.stream?.takesStreamOptions === true &&
    recorder.settings.streamUsage === 'request' &&
    !recorder.refusesStreamUsage.has(host)
  const { facts, asking } = readJsonRequest(text, mayAsk)
  request.model = facts.model
  request.stream = facts.stream
  if (asking !== undefined) {
    plan.hide = policy.hide
    plan.asking = { ...init, body: typeof body === 'string' ? asking : Buffer.from(asking), headers: fitLength(init?.headers, asking) }
  }
  return plan
}

/** The headers with the length of the new body, where they state one. The caller's are not changed. */
function fitLength(headers: RequestInit['headers'], body: string): RequestInit['headers'] {
  if (!headers) return headers
  const copy = headers instanceof Headers ? headers : new Headers(headers)
  if (!copy.has('content-length')) return headers
  const fitted = new Headers(copy)
  fitted.set('content-length', String(Buffer.byteLength(body)))
  return fitted
}

function textOf(body: unknown): string | undefined {
  if (typeof body === 'string') return body
  return body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString() : undefined
}
