/**
 * The only way to a collector: through the data source's proxy in Grafana, which adds the API key. The panels of a page ask for
 * parts of the same reply: equal questions that are under way, or were answered less than a second ago, are one request.
 */
import { catchError, defer, map, NEVER, type Observable, of, ReplaySubject, share, tap, throwError, timer } from 'rxjs'
import { CollectorFailure, describeFailure } from './describe-failure.ts'

export type Params = Record<string, string | readonly string[] | undefined>

export interface Question {
  /** Under `/v1`, such as `overview`. */
  path: string
  params?: Params
  /** POSTed as JSON. */
  body?: unknown
}

export interface ProxyRequest {
  method: 'GET' | 'POST'
  url: string
  data?: unknown
}

/** Sends to Grafana; errors have `status` and `data`, as those of Grafana's backend service. */
export type Send = (request: ProxyRequest) => Observable<{ data: unknown }>

/** The collector shares its answers for as long. */
const KEEP_MS = 1000

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
  private readonly proxyUrl: string
  private readonly send: Send
  private readonly shared = new Map<string, Observable<unknown>>()

  /** `proxyUrl`: address of the data source's proxy in Grafana, `/api/datasources/proxy/uid/…`. */
  constructor(proxyUrl: string, send: Send) {
    this.proxyUrl = proxyUrl
    this.send = send
  }

  /** The answer, once; a `CollectorFailure` otherwise. Leaving it before it is there ends the request when nobody else waits for it. */
  ask<Reply>({ path, params, body }: Question): Observable<Reply> {
    const url = `${this.proxyUrl}/api/v1/${path}${toQueryString(params)}`
    const request: ProxyRequest = body === undefined ? { method: 'GET', url } : { method: 'POST', url, data: body }
    const name = JSON.stringify(request)
    const held = this.shared.get(name) ?? this.share(name, request)
    return held as Observable<Reply>
  }

  private share(name: string, request: ProxyRequest): Observable<unknown> {
    const forget = () => this.shared.delete(name)
    let isAnswered = false
    const shared = defer(() => this.send(request)).pipe(
      map(({ data }) => data),
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
