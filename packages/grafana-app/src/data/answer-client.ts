/**
 * The only way to a collector: through the data source's proxy in Grafana, which adds the API key. The panels of a page ask for
 * parts of the same reply: equal questions that are under way, or were answered less than half a second ago, are asked once.
 */
import { catchError, NEVER, type Observable, of, ReplaySubject, share, tap, throwError, timer } from 'rxjs'
import { CollectorFailure, describeFailure } from './describe-failure.ts'
import { type PlainQuestion, QuestionBatcher, type Send } from './question-batcher.ts'

export type Params = Record<string, string | readonly string[] | undefined>

export interface Question {
  /** Under `/v1`, such as `overview`. */
  path: string
  params?: Params
  /** POSTed as JSON. */
  body?: unknown
}

/** Panels of a page ask within moments. Shorter than a second, because who asks each second wants a new answer each time. */
const KEEP_MS = 500

export function toQueryString(params: Params = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue
    for (const one of typeof value === 'string' ? [value] : value) search.append(name, one)
  }
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}

export class AnswerClient {
  private readonly batcher: QuestionBatcher
  private readonly shared = new Map<string, Observable<unknown>>()

  /** `proxyUrl`: address of the data source's proxy in Grafana, `/api/datasources/proxy/uid/…`. */
  constructor(proxyUrl: string, send: Send) {
    this.batcher = new QuestionBatcher(proxyUrl, send)
  }

  /** The answer, once; a `CollectorFailure` otherwise. Leaving it before it is there ends the request when nobody else waits for it. */
  ask<Reply>({ path, params, body }: Question): Observable<Reply> {
    const question: PlainQuestion = { path: `${path}${toQueryString(params)}`, ...(body === undefined ? {} : { body }) }
    const name = JSON.stringify(question)
    const held = this.shared.get(name) ?? this.share(name, question)
    return held as Observable<Reply>
  }

  private share(name: string, question: PlainQuestion): Observable<unknown> {
    const forget = () => this.shared.delete(name)
    let isAnswered = false
    const shared = this.batcher.ask(question).pipe(
      tap(() => {
        isAnswered = true
      }),
      catchError((error: unknown) => throwError(() => new CollectorFailure(describeFailure(error)))),
      share({
        connector: () => new ReplaySubject(1),
        resetOnComplete: () => timer(KEEP_MS).pipe(tap(forget)),
        resetOnError: () => of(true).pipe(tap(forget)),
        // Who takes the first value leaves before the end: the answer stays all the same.
        resetOnRefCountZero: () => (isAnswered ? NEVER : of(true).pipe(tap(forget))),
      }),
    )
    this.shared.set(name, shared)
    return shared
  }
}
