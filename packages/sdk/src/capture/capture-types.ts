/** What capture offers to the rest of the SDK, and the shapes that a program hands to it. */
import type { Operation, Outcome, Usage } from '@aiwatch/store'

/** Who asked, and anything to group by. A nested `with` adds to the outer one and overrides it field by field. */
export interface Attribution {
  /** Absent: the call counts in no user figure. */
  user?: string
  session?: string
  tags?: Record<string, string>
}

/** Overrides for all calls of one client or one fetch. */
export interface WrapOptions {
  /** Name of the provider. Default: by the host of the request; `openai_compatible` or `anthropic_compatible` for hosts that are not in the table. */
  provider?: string
  /** Name of the program. Default: the `app` of AIWatch's options. */
  app?: string
  tags?: Record<string, string>
}

export interface CaptureSettings {
  /** The form in which a user id is kept: as it is, or its HMAC. */
  userId: (user: string) => string
  /** Tags of every call. */
  tags: Record<string, string>
  /** Left out of the calls when undefined: the rest of the SDK then puts in its own. */
  app?: string
  /** `request`: usage of streams is asked for where the provider takes the question. `observe`: never asked for. */
  streamUsage: 'request' | 'observe'
  /** Milliseconds since the epoch; for tests. Default: `Date.now`, and a monotonic clock for durations. */
  now?: () => number
}

/** Token counts as a program gives them; what is absent is 0. */
export type UsageInput = Partial<Omit<Usage, 'source'>>

/** A call that was measured elsewhere. */
export interface RecordInput extends Attribution {
  provider: string
  model: string
  /** As asked; default: `model`. */
  requestModel?: string
  app?: string
  /** Default `chat`. */
  operation?: Operation
  stream?: boolean
  usage?: UsageInput
  /** Milliseconds since the epoch; default: now, less `durationMs`. */
  startedAt?: number
  /** Default 0. */
  durationMs?: number
  timeToFirstTokenMs?: number
  timePerOutputTokenMs?: number
  /** Default `ok`. */
  outcome?: Outcome
  /** Default 1. */
  attempts?: number
  httpStatus?: number
  /** Measured cost in nano-USD (USD × 10^9); goes before the computed one. */
  costNanoUsd?: number
}

/** The call that `call()` measures: what its function can tell about it. */
export interface MeasuredCall {
  /** Tokens used; a second report overrides the first, field by field. */
  usage(usage: UsageInput): void
  /** The model as the provider named it in its answer. */
  model(model: string): void
  /** The first content arrived now. Makes the call a stream. */
  firstToken(): void
  /** How the call ended; default: `ok`, or by the error that the function throws. */
  outcome(outcome: Outcome): void
  /** Measured cost in nano-USD. */
  costNanoUsd(cost: number): void
}

export interface CallInput extends Attribution {
  provider: string
  model: string
  app?: string
  /** Default `chat`. */
  operation?: Operation
}

export interface Capture {
  /** Changes the client in place and returns it. A second wrap does nothing. What is not a client is returned as it is, and reported. */
  wrap<Client extends object>(client: Client, options?: WrapOptions): Client
  /** `globalThis.fetch`, looked up at each call, observed. */
  fetch: typeof globalThis.fetch
  /** A fetch that observes calls to models and passes on everything else. Carries the own properties of `fetch`. */
  wrapFetch<Fetch extends (...args: never[]) => unknown>(fetch: Fetch, options?: WrapOptions): Fetch
  /** Runs `fn`; calls made inside carry the attribution. */
  with<Result>(attribution: Attribution, fn: () => Result): Result
  record(input: RecordInput): void
  /** Runs `fn` and records it as one call; passes on its result or error. */
  call<Result>(input: CallInput, fn: (call: MeasuredCall) => Result | PromiseLike<Result>): Promise<Result>
  /** Calls that began and have not ended; among them replies whose body nobody has read yet. */
  openCalls(): number
  /** Ends every open call with what is known of it, estimates included. For `close()`: a stream that is still read counts as left. */
  settleOpenCalls(): void
}
