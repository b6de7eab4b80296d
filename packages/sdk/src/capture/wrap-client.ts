/**
 * Opens a call where the client means one: around `makeRequest`, which its generator puts into all clients of this family (OpenAI, Azure,
 * Groq, Together, Anthropic, …) and which calls itself for each retry. The attempts inside are seen by the hooked fetch.
 */

import { adoptResponse } from './adopt-response.ts'
import type { WrapOptions } from './capture-types.ts'
import { currentContext, runInContext } from './context.ts'
import { type AnyFetch, hookFetch, isHooked } from './hook-fetch.ts'
import { OpenCall, type RequestOptions } from './open-call.ts'
import type { Recorder } from './recorder.ts'
import { ReturnTarget } from './return-target.ts'

interface RequestProps {
  response?: Response
  options?: RequestOptions
}

type MakeRequest = (
  options: RequestOptions | PromiseLike<RequestOptions>,
  retriesRemaining: number | null,
  retryOf?: string,
) => Promise<RequestProps>

/** What we use of a client. */
interface Client {
  fetch: AnyFetch
  baseURL: string
  makeRequest: MakeRequest
  parseResponseWithTimeout?: unknown
  prepareOptions?: (options: RequestOptions) => Promise<void>
  retryRequest?: (options: RequestOptions, ...rest: unknown[]) => Promise<RequestProps>
  withOptions?: (...args: unknown[]) => object
}

/** Marks wrapped clients, of any copy of this package. */
const WRAPPED = Symbol.for('aiwatch.client')

/** On the options of a request whose answer was handed over: the call that a retry with these options goes on with. */
class AnsweredTag extends ReturnTarget {
  #call: OpenCall

  constructor(options: object, call: OpenCall) {
    super(options)
    this.#call = call
  }

  static tie(options: object, call: OpenCall): void {
    if (#call in options) options.#call = call
    else new AnsweredTag(options, call)
  }

  static of(options: object): OpenCall | undefined {
    return #call in options ? options.#call : undefined
  }
}

/** Recognised by shape, not by class: several versions and copies of a client may be loaded. */
export function isClient(value: object): boolean {
  const client = value as Partial<Client>
  return typeof client.makeRequest === 'function' && typeof client.fetch === 'function' && typeof client.baseURL === 'string'
}

function hide(target: object, name: PropertyKey, value: unknown): void {
  Object.defineProperty(target, name, { configurable: true, writable: true, enumerable: false, value })
}

/** Changes the client in place; a second time it does nothing. */
export function wrapClient(target: object, recorder: Recorder, wrap: WrapOptions): void {
  if (WRAPPED in target) return
  const client = target as Client
  hide(client, WRAPPED, true)
  if (!isHooked(client.fetch)) client.fetch = hookFetch(client.fetch, { recorder, wrap })
  const scope = new ClientScope(client, recorder, wrap)
  const { makeRequest, prepareOptions, retryRequest, withOptions } = client
  hide(client, 'makeRequest', function (this: Client, ...args: Parameters<MakeRequest>) {
    return scope.makeRequest(() => makeRequest.apply(this, args), ...args)
  })
  if (prepareOptions) {
    hide(client, 'prepareOptions', function (this: Client, ...args: [RequestOptions]) {
      const { call } = currentContext()
      if (call) call.options = args[0]
      return prepareOptions.apply(this, args)
    })
  }
  if (client.parseResponseWithTimeout && retryRequest) {
    hide(client, 'retryRequest', function (this: Client, ...args: [RequestOptions, ...unknown[]]) {
      return scope.retryRequest(() => retryRequest.apply(this, args), args[0])
    })
  }
  if (withOptions) {
    hide(client, 'withOptions', function (this: Client, ...args: unknown[]) {
      const copy = withOptions.apply(this, args)
      if (isClient(copy)) wrapClient(copy, recorder, wrap)
      return copy
    })
  }
}

class ClientScope {
  private readonly client: object
  /** The client asks again for a body that times out, after the answer was handed over. */
  private readonly retriesBodies: boolean
  /** The client shows the options of a request once they are known. */
  private readonly showsOptions: boolean
  private readonly recorder: Recorder
  private readonly wrap: WrapOptions

  constructor(client: Client, recorder: Recorder, wrap: WrapOptions) {
    this.client = client
    this.retriesBodies = client.parseResponseWithTimeout !== undefined && client.retryRequest !== undefined
    this.showsOptions = client.prepareOptions !== undefined
    this.recorder = recorder
    this.wrap = wrap
  }

  makeRequest(
    request: () => Promise<RequestProps>,
    ...[options, retriesRemaining, retryOf]: Parameters<MakeRequest>
  ): Promise<RequestProps> {
    const context = currentContext()
    const isRetry = retryOf !== undefined || typeof retriesRemaining === 'number'
    if (isRetry && context.call?.client === this.client && context.call.pending) return request()
    const resumed = retryOf === undefined ? undefined : AnsweredTag.of(options)
    const call =
      resumed?.pending && !resumed.ended
        ? resumed
        : new OpenCall({ recorder: this.recorder, context, wrap: this.wrap, client: this.client })
    if (!this.showsOptions) awaitOptions(call, options)
    const promise = runInContext(
      { attribution: context.attribution, call, exchangeUrl: undefined, seenModels: context.seenModels },
      request,
    )
    this.follow(call, promise, true)
    return promise
  }

  /** Learns how a request ends. What fails in here is reported: nobody waits for this branch of the promise. */
  private follow(call: OpenCall, promise: Promise<RequestProps>, isNew: boolean): void {
    promise.then(
      (props) => {
        try {
          if (isNew) this.answer(call, props)
        } catch (error) {
          this.recorder.failed(error)
        }
      },
      (error) => call.failed(outcomeOf(call, error)),
    )
  }

  /** A retry after the answer was handed over goes on with its call. */
  retryRequest(retry: () => Promise<RequestProps>, options: RequestOptions): Promise<RequestProps> {
    const call = AnsweredTag.of(options)
    if (!call || call.pending || !call.resume()) return retry()
    const promise = retry()
    this.follow(call, promise, false)
    return promise
  }

  private answer(call: OpenCall, props: RequestProps): void {
    // A client that sends by a fetch of its own (certificates) has passed us by; its answer can still be read.
    if (!call.current && props?.response) adoptResponse(call, props.response, props.options)
    if (this.retriesBodies && props?.options && !props.options.stream) AnsweredTag.tie(props.options, call)
    call.answered()
  }
}

function awaitOptions(call: OpenCall, options: RequestOptions | PromiseLike<RequestOptions>): void {
  Promise.resolve(options).then(
    (resolved) => {
      call.options = resolved
    },
    () => {},
  )
}

/** A caller that leaves while the client waits to retry: no exchange tells of it. */
function outcomeOf(call: OpenCall, error: unknown): 'aborted' | undefined {
  const isAbort = call.callerSignal?.aborted || (error as { constructor?: { name?: string } })?.constructor?.name === 'APIUserAbortError'
  return isAbort && call.current?.ended && call.current.isErrorReply ? 'aborted' : undefined
}
