/** Whether anybody can see the page: a tab behind others asks for nothing. */
import { fromEvent, map, type Observable, shareReplay, startWith } from 'rxjs'

/** Its value now first. */
export function watchVisibility(page: Pick<Document, 'hidden' | 'addEventListener' | 'removeEventListener'>): Observable<boolean> {
  return fromEvent(page, 'visibilitychange').pipe(
    startWith(undefined),
    map(() => !page.hidden),
    shareReplay({ bufferSize: 1, refCount: true }),
  )
}
