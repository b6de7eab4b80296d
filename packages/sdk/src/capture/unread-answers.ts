/**
 * Ends calls whose answer nobody can read any more. Only the garbage collector knows of those; but what it watches survives all but its rare
 * full runs, and an answer with all that hangs on it is heavy. Nearly all are read at once: only those that are not, after a while, are watched.
 */
import type { Branch } from './branch.ts'
import { LinkedSet } from './linked-set.ts'

/** How long an answer that is not read may be kept alive by us, in milliseconds. */
const WATCH_AFTER_MS = 1000

const fresh = new LinkedSet<Branch>()
let isArmed = false

const responses = new FinalizationRegistry<Branch>((branch) => {
  if (!branch.started && !branch.tookStream) branch.end('left')
})
const streams = new FinalizationRegistry<Branch>((branch) => branch.end('left'))

function watchAll(): void {
  isArmed = false
  for (const branch of fresh.members()) {
    const registry = branch.tookStream ? streams : responses
    registry.register(branch.readThrough as object, branch)
    stopExpecting(branch)
  }
}

/** The branch is read through `target` from now on. */
export function expectReading(branch: Branch, target: object): void {
  branch.readThrough = target
  fresh.add(branch)
  if (isArmed) return
  isArmed = true
  setTimeout(watchAll, WATCH_AFTER_MS).unref()
}

/** The branch is being read as a whole, or has ended. */
export function stopExpecting(branch: Branch): void {
  branch.readThrough = undefined
  fresh.delete(branch)
}
