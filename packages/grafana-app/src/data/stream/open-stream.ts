/** A response that goes on, as Grafana's backend service gives it in chunks. */
import { Observable } from 'rxjs'

/** A chunk with the head of its response; without `data` at the end. */
export interface Chunk {
  status: number
  statusText: string
  ok: boolean
  data: Uint8Array | undefined
}

/** Its bytes. A refusal is an error with `status` and `data`, as those of every other question. */
export function bytesOf(chunks: Observable<Chunk>): Observable<Uint8Array> {
  return new Observable<Uint8Array>((asker) => {
    let refused: { status: number; statusText: string; data: string } | undefined
    const decoder = new TextDecoder()
    return chunks.subscribe({
      next({ ok, status, statusText, data }) {
        if (ok) {
          if (data) asker.next(data)
          return
        }
        refused ??= { status, statusText, data: '' }
        if (data) refused.data += decoder.decode(data, { stream: true })
      },
      error: (error: unknown) => asker.error(refused ?? error),
      complete: () => (refused ? asker.error(refused) : asker.complete()),
    })
  })
}
