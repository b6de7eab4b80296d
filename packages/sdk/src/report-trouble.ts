/** Tells the program what goes wrong inside AIWatch, without ever throwing into it. */
import { AIWatchError, type AIWatchErrorCode } from './errors.ts'

/** `onError` hears everything. Without it, each kind of trouble is a console warning once: a log must not fill because of us. */
export class TroubleReporter {
  private readonly onError: ((error: AIWatchError) => void) | undefined
  private readonly warned = new Set<AIWatchErrorCode>()
  private readonly internal = new Set<string>()

  constructor(onError: ((error: AIWatchError) => void) | undefined) {
    this.onError = onError
  }

  report(error: AIWatchError): void {
    try {
      if (this.onError) {
        this.onError(error)
        return
      }
      if (this.warned.has(error.code)) return
      this.warned.add(error.code)
      console.warn(`AIWatch: ${error.message}`)
    } catch {
      // What onError throws is the program's own; it asked to be told, not to be stopped.
    }
  }

  /** A defect of ours, or a misuse of a method: told once for each message. */
  failed(error: unknown): void {
    if (error instanceof AIWatchError) {
      this.report(error)
      return
    }
    const message = error instanceof Error ? error.message : String(error)
    if (this.internal.has(message) || this.internal.size >= 100) return
    this.internal.add(message)
    this.report(new AIWatchError(isInput(error) ? 'input' : 'internal', message, { cause: error }))
  }
}

/** Capture says which method it was that got something wrong. */
const METHOD = /^(wrap|wrapFetch|with|record|call): /

function isInput(error: unknown): boolean {
  return error instanceof TypeError && METHOD.test(error.message)
}
