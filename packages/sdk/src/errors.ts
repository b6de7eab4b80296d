/** Errors that AIWatch itself raises. None of them is ever thrown into a call to a model. */

/**
 * `option`: an option has a value that it cannot have. `environment`: an AIWATCH_* variable has one; its default is used.
 * `input`: a method was given something that it cannot use; what can be used of it is.
 * `unreachable`: batches are not acknowledged; they are held and sent again. `recovered`: they are acknowledged again.
 * `refused`: the server refused some operations of a batch. `lost`: the server lost calls that it had acknowledged.
 * `held`: `flush()` or `close()` gave up while something was still held. `prices`: the price table could not be loaded.
 * `internal`: a defect of AIWatch.
 */
export type AIWatchErrorCode =
  | 'option'
  | 'environment'
  | 'input'
  | 'unreachable'
  | 'recovered'
  | 'refused'
  | 'lost'
  | 'held'
  | 'prices'
  | 'internal'

/** What `onError` is given. */
export class AIWatchError extends Error {
  readonly code: AIWatchErrorCode

  constructor(code: AIWatchErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'AIWatchError'
    this.code = code
  }
}

/** An option given in code is wrong. Thrown by the constructor of `AIWatch` only. */
export class AIWatchOptionError extends AIWatchError {
  /** The option as written in code. */
  readonly option: string
  /** The environment variable that sets the same; undefined when there is none. */
  readonly variable: string | undefined

  constructor(option: string, variable: string | undefined, problem: string) {
    super('option', `AIWatch option ${option}${variable ? ` (${variable})` : ''} ${problem}`)
    this.name = 'AIWatchOptionError'
    this.option = option
    this.variable = variable
  }
}

/** What is still held, and was neither acknowledged nor dropped. */
export interface HeldReport {
  /** Calls of which something is not yet acknowledged. */
  heldCalls: number
  heldBatches: number
  heldBytes: number
}

/** `flush()` could not get everything acknowledged before its deadline. What is held stays held and is tried again. */
export class AIWatchFlushError extends AIWatchError {
  readonly heldCalls: number
  readonly heldBatches: number
  readonly heldBytes: number

  constructor(message: string, held: HeldReport, cause?: unknown) {
    super('held', message, cause === undefined ? undefined : { cause })
    this.name = 'AIWatchFlushError'
    this.heldCalls = held.heldCalls
    this.heldBatches = held.heldBatches
    this.heldBytes = held.heldBytes
  }
}
