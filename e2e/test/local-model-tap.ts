/** Listens between a client and a model server: what its replies say about times, read apart from everything under test. */

export interface SaidTimes {
  /** Replies that say how long they took. */
  replies: number
  prefillSeconds: number
  decodeSeconds: number
}

/** A fetch to give to a client, and the sums of the replies that came through it, to be asked for when all have ended. */
export function tapTimings(): { fetch: typeof globalThis.fetch; sums(): Promise<SaidTimes> } {
  const texts: Promise<string>[] = []
  return {
    async fetch(...request) {
      const response = await fetch(...request)
      texts.push(response.clone().text())
      return response
    },
    async sums() {
      const said: SaidTimes = { replies: 0, prefillSeconds: 0, decodeSeconds: 0 }
      for (const text of await Promise.all(texts)) {
        const times = /"timings":(\{[^}]*\})/.exec(text)?.[1]
        if (!times) continue
        const { prompt_ms, predicted_ms } = JSON.parse(times) as { prompt_ms: number; predicted_ms: number }
        said.replies++
        said.prefillSeconds += prompt_ms / 1000
        said.decodeSeconds += predicted_ms / 1000
      }
      return said
    },
  }
}
