/** A program that comes to its end by itself (nothing left to do) gets one last flush. `process.exit()` and signals do not come here. */
const flushers = new Set<() => Promise<void>>()

function flushAll(): void {
  for (const flush of flushers) void flush()
}

/** Returns a function that undoes it. One listener serves all, so that many instances raise no warning of too many. */
export function flushAtExit(flush: () => Promise<void>): () => void {
  if (flushers.size === 0) process.on('beforeExit', flushAll)
  flushers.add(flush)
  return () => {
    flushers.delete(flush)
    if (flushers.size === 0) process.off('beforeExit', flushAll)
  }
}
