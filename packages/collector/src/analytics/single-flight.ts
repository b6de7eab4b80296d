/**
 * Shares one answer among callers that ask at the same time. A caller never gets an answer that was begun before it asked, so what
 * was written before the question is in it; however many ask, at most one computation runs and one waits.
 */
export function singleFlight<Answer>(compute: () => Promise<Answer>): () => Promise<Answer> {
  let running: Promise<unknown> | undefined
  let waiting: Promise<Answer> | undefined

  return () => {
    if (waiting) return waiting
    const begin = async () => {
      await running?.catch(() => {})
      // Requests that arrived in the same turn of the event loop join before the first question goes out.
      await new Promise((resolve) => setImmediate(resolve))
      waiting = undefined
      const answer = compute()
      running = answer
      return answer
    }
    waiting = begin()
    return waiting
  }
}
