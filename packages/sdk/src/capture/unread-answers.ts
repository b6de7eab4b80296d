/**
 * Ends calls whose answer nobody can read any more. Only the garbage collector knows of those; but what it watches survives all but its rare
 * full runs, and an answer with all that hangs on it is heavy. Nearly all are read at once: only those that are not, after a while, are watched.
 */
import type { Branch } from './branch.ts'

/** How long an answer that is not read may be kept alive by us, in milliseconds. */
const WATCH_AFTER_MS = 1000

/** The object that is read: the response, or the stream once that was taken. */
const fresh = new Map<Branch, object>()
let isArmed = false

const responses = new FinalizationRegistry<Branch>((branch) => {
  if (!branch.started && !branch.tookStream) branch.end('left')
})
const streams = new FinalizationRegistry<Branch>((branch) => branch.end('left'))

function watchAll(): void {
  isArmed = false
  for (const [branch, target] of fresh) {
    const registry = branch.tookStream ? streams : responses
    registry.register(target, branch)
  }
  fresh.clear()
}

/** The branch is read through `target` from now on. */
export function expectReading(branch: Branch, target: object): void {
  fresh.set(branch, target)
  if (isArmed) return
  isArmed = true
  setTimeout(watchAll, WATCH_AFTER_MS).unref()
}

/** The branch is being read as a whole, or has ended. */
export function stopExpecting(branch: Branch): void {
  fresh.delete(branch)
}
