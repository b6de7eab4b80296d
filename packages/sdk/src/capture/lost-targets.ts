/**
 * Learns of responses and streams that were dropped before they were read: once they are collected, nobody can read them. To register an
 * object for that costs the program more than all else that is done to it, since the collector then keeps it, and all that hangs on it,
 * past its first rounds. Nearly all are read within milliseconds: only what is left after a while is registered.
 */
import type { Branch } from './branch.ts'

/** Longest time for which an object is kept alive that the program has dropped. */
const REGISTER_AFTER_MS = 500
/** More than these wait at a time: all are registered at once, so that the memory they hold is bounded. */
const MAX_WAITING = 1000

export class LostTargets {
  readonly #waiting = new Map<Branch, object>()
  readonly #registry: FinalizationRegistry<Branch>
  #timer?: NodeJS.Timeout

  /** `lost` is told the branch of an object that was collected. */
  constructor(lost: (branch: Branch) => void) {
    this.#registry = new FinalizationRegistry(lost)
  }

  watch(target: object, branch: Branch): void {
    this.#waiting.set(branch, target)
    if (this.#waiting.size > MAX_WAITING) this.#registerAll()
    else this.#timer ??= setTimeout(() => this.#registerAll(), REGISTER_AFTER_MS).unref()
  }

  /** The branch need not be watched any more. One that is registered stays so. */
  forget(branch: Branch): void {
    this.#waiting.delete(branch)
  }

  #registerAll(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const [branch, target] of this.#waiting) this.#registry.register(target, branch)
    this.#waiting.clear()
  }
}
