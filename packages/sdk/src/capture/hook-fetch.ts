/** A fetch that sees calls to models, and passes on everything else untouched. */
import { isUnknownProvider, readCostHeader, readJsonRequest } from '../dialects/index.ts'
import type { WrapOptions } from './capture-types.ts'
import { type CaptureContext, currentContext, runInContext } from './context.ts'
import type { Exchange } from './exchange.ts'
import { observeResponse } from './observe-response.ts'
import { OpenCall } from './open-call.ts'
import { type Plan, planExchange, targetOf } from './plan-exchange.ts'
import type { Recorder } from './recorder.ts'

export type AnyFetch = (input: unknown, init?: RequestInit) => Promise<Response>

/** As it was when this package was loaded: it calls no other fetch, and needs not be told what it is called for. */
const PLATFORM_FETCH = globalThis.fetch as unknown

/** The fetch of the moment: tests and tools replace it. */
export const globalFetch: AnyFetch = (input, init) => globalThis.fetch(input as Parameters<typeof globalThis.fetch>[0], init)

/** Marks hooked functions, of any copy of this package. */
const HOOKED = Symbol.for('aiwatch.fetch')

export function isHooked(fetch: object): boolean {
  return HOOKED in fetch
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
    let sending: Sending | undefined
    try {
      sending = beginExchange(input, init, recorder, wrap)
    } catch (error) {
      recorder.failed(error)
    }
    if (!sending) return send(init)
    if (inner === PLATFORM_FETCH) return sendObserved(sending, send)
    return sendInside(sending, send)
  }
  Object.defineProperties(hooked, Object.getOwnPropertyDescriptors(inner))
  Object.defineProperty(hooked, HOOKED, { value: true })
  return hooked
}

interface Sending {
  exchange: Exchange
  plan: Plan
  context: CaptureContext
  init: RequestInit | undefined
  recorder: Recorder
}

type Send = (init: RequestInit | undefined) => Promise<Response>

/** Undefined when the request is no call to a model, or is one that an outer fetch observes. */
function beginExchange(input: unknown, init: RequestInit | undefined, recorder: Recorder, wrap: WrapOptions): Sending | undefined {
  const target = targetOf(input, init)
  if (!target) return undefined
  const context = currentContext()
  if (context.exchangeUrl === target.url) return undefined
  const own = context.call?.pending ? context.call : undefined
  const plan = planExchange(target, init, recorder, own?.isKnownWhole ?? false)
  if (!plan) return undefined
  const call = own ?? new OpenCall({ recorder, context, wrap })
  const exchange = call.begin(plan.request, recorder)
  exchange.asked = plan.asking !== undefined
  exchange.hide = plan.hide
  readRequestObject(input, exchange)
  return { exchange, plan, context, init, recorder }
}

/**
 * Tells fetches inside of this one that another call to the same URL is this one: in the context of the client's call, which is of this call alone
 * and asks for nothing else meanwhile, or, without a client, in one that is made for it.
 */
function sendInside(sending: Sending, send: Send): Promise<Response> {
  const { context } = sending
  const { url } = sending.plan.request
  if (isOwnContext(sending)) {
    context.exchangeUrl = url
    return sendObserved(sending, send)
  }
  const inside = { attribution: context.attribution, seenModels: context.seenModels, exchangeUrl: url }
  return sendObserved(sending, (sent) => runInContext(inside, send, sent))
}

const isOwnContext = ({ context, exchange }: Sending) => context.call === exchange.call

/** The fetch inside is done: what the client sends to this URL now is another attempt. */
function leaveInside(sending: Sending): void {
  if (isOwnContext(sending)) sending.context.exchangeUrl = undefined
}

function sendObserved(sending: Sending, send: Send): Promise<Response> {
  const { exchange, plan, init } = sending
  const fail = (thrown: unknown): never => {
    leaveInside(sending)
    exchange.fail(thrown)
    throw thrown
  }
  let answer: Promise<Response>
  try {
    answer = Promise.resolve(send(plan.asking ?? init))
  } catch (thrown) {
    return fail(thrown)
  }
  return answer.then((response) => {
    const refused = plan.asking !== undefined && (response.status === 400 || response.status === 422)
    return refused ? retryWithoutAsking(response, sending, send).then(take, fail) : take(response)
  }, fail)

  function take(response: Response): Response {
    leaveInside(sending)
    try {
      exchange.status = response.status
      if (isUnknownProvider(plan.request.provider, plan.request.dialect))
        exchange.reading.costNanoUsd = readCostHeader(response.headers.get('x-litellm-response-cost'))
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
async function retryWithoutAsking(response: Response, sending: Sending, send: Send): Promise<Response> {
  const { plan, exchange, recorder } = sending
  if (!REFUSAL.test(await textWithin(response, REFUSAL_WAIT_MS))) return response
  response.body?.cancel().catch(() => {})
  const again = await send(sending.init)
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
