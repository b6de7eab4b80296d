/** A fetch that sees calls to models, and passes on everything else untouched. */
import { type Dialect, providerOfHost, readCostHeader, readFormRequest, readJsonRequest, recogniseUrl, streamUsagePolicy, UNKNOWN_PROVIDER } from '../dialects/index.ts'
import type { WrapOptions } from './capture-types.ts'
import { type CaptureContext, currentContext, runInContext } from './context.ts'
import type { Exchange, ExchangeRequest } from './exchange.ts'
import { observeResponse } from './observe-response.ts'
import { OpenCall } from './open-call.ts'
import type { Recorder } from './recorder.ts'

export type AnyFetch = (input: unknown, init?: RequestInit) => Promise<Response>

/** Marks hooked functions, of any copy of this package. */
const HOOKED = Symbol.for('aiwatch.fetch')

export function isHooked(fetch: object): boolean {
  return HOOKED in fetch
}

/** What is sent, and what is known of it. */
interface Plan {
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

const providers = new Map<string, string>()
const MAX_REMEMBERED_HOSTS = 1000

function providerOf(host: string): string {
  let provider = providers.get(host)
  if (provider === undefined) {
    provider = providerOfHost(host)
    if (providers.size < MAX_REMEMBERED_HOSTS) providers.set(host, provider)
  }
  return provider
}

function planExchange(url: string, dialect: Dialect, init: RequestInit | undefined, recorder: Recorder): Plan {
  const host = hostOf(url)
  const provider = providerOf(host)
  const body = init?.body
  const request: ExchangeRequest = { url, dialect, provider, model: '', stream: false, body, signal: init?.signal }
  const plan: Plan = { request, hide: false, server: host }
  if (body instanceof FormData) Object.assign(request, readFormRequest(body))
  const text = typeof body === 'string' ? body : body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString() : undefined
  if (text === undefined) return plan
  request.body = text
  const policy = streamUsagePolicy(provider, url)
  const mayAsk =
    policy.ask && dialect.stream?.takesStreamOptions === true && recorder.settings.streamUsage === 'request' && !recorder.refusesStreamUsage.has(host)
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

/** `fetch(new Request(…))`: its body is read from a copy, on the side; usage is not asked for. */
function readRequestObject(input: unknown, exchange: Exchange): void {
  if (!(input instanceof Request) || input.bodyUsed || !input.headers.get('content-type')?.includes('json')) return
  const { request } = exchange
  request.signal ??= input.signal
  input
    .clone()
    .text()
    .then((text) => exchange.learn(text, readJsonRequest(text, false).facts))
    .catch(() => {})
}

export interface HookOptions {
  recorder: Recorder
  wrap: WrapOptions
}

/** `fetch` with its own properties kept: a client looks at them to learn whether forms can be sent. */
export function hookFetch(inner: AnyFetch, { recorder, wrap }: HookOptions): AnyFetch {
  const hooked = function (this: unknown, input: unknown, init?: RequestInit): Promise<Response> {
    const send = (sent: RequestInit | undefined) => inner.call(this, input, sent)
    let exchange: Exchange
    let plan: Plan
    let context: CaptureContext
    try {
      const url = urlOf(input)
      const dialect = recogniseUrl(url)
      if (!dialect || !isPost(input, init)) return send(init)
      context = currentContext()
      if (context.exchangeUrl === url) return send(init)
      plan = planExchange(url, dialect, init, recorder)
      const { call } = context
      exchange = (call?.pending ? call : new OpenCall({ recorder, context, wrap })).begin(plan.request, recorder)
      exchange.asked = plan.asking !== undefined
      exchange.hide = plan.hide
      readRequestObject(input, exchange)
    } catch (error) {
      recorder.failed(error)
      return send(init)
    }
    return sendObserved({ exchange, plan, context, send, init, recorder })
  }
  Object.defineProperties(hooked, Object.getOwnPropertyDescriptors(inner))
  Object.defineProperty(hooked, HOOKED, { value: true })
  return hooked
}

interface Sending {
  exchange: Exchange
  plan: Plan
  context: CaptureContext
  send: (init: RequestInit | undefined) => Promise<Response>
  init: RequestInit | undefined
  recorder: Recorder
}

function sendObserved(sending: Sending): Promise<Response> {
  const { exchange, plan, context, send, init } = sending
  const inside: CaptureContext = { ...context, call: undefined, exchangeUrl: plan.request.url }
  const fail = (thrown: unknown): never => {
    exchange.fail(thrown)
    throw thrown
  }
  let answer: Promise<Response>
  try {
    answer = runInContext(inside, send, plan.asking ?? init)
  } catch (thrown) {
    return fail(thrown)
  }
  return answer.then((response) => {
    const refused = plan.asking !== undefined && (response.status === 400 || response.status === 422)
    return refused ? retryWithoutAsking(response, sending, inside).then(take, fail) : take(response)
  }, fail)

  function take(response: Response): Response {
    try {
      exchange.status = response.status
      if (plan.request.provider === UNKNOWN_PROVIDER) exchange.reading.costNanoUsd = readCostHeader(response.headers.get('x-litellm-response-cost'))
      return observeResponse(response, exchange)
    } catch (error) {
      sending.recorder.failed(error)
      exchange.end('left')
      return response
    }
  }
}

/** How long an error body may take before the caller gets the error as it is. */
const REFUSAL_WAIT_MS = 2000
const REFUSAL = /stream_options|include_usage/

/** The server may have refused our question, not the caller's: then it is sent once more as the caller wrote it, as the same attempt. */
async function retryWithoutAsking(response: Response, sending: Sending, inside: CaptureContext): Promise<Response> {
  const { plan, exchange, send, init, recorder } = sending
  if (!REFUSAL.test(await textWithin(response, REFUSAL_WAIT_MS))) return response
  const again = await runInContext(inside, send, init)
  if (again.ok) recorder.refusesStreamUsage.add(plan.server)
  exchange.asked = false
  exchange.hide = false
  return again
}

/** The text of a copy of the response; empty when it does not come in time. */
async function textWithin(response: Response, timeoutMs: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, '').unref()
  })
  try {
    return await Promise.race([response.clone().text(), tooLate])
  } catch {
    return ''
  } finally {
    clearTimeout(timer)
  }
}
