/**
 * Questions that are asked within some milliseconds go to the collector as one request, `POST /v1/answers`: all panels of a page are one
 * request per refresh. A question that is alone goes by its own route.
 */
import { Observable, type Subscriber, type Subscription } from 'rxjs'

export interface ProxyRequest {
  method: 'GET' | 'POST'
  url: string
  data?: unknown
}

/** Sends to Grafana; errors have `status` and `data`, as those of Grafana's backend service. */
export type Send = (request: ProxyRequest) => Observable<{ data: unknown }>

export interface PlainQuestion {
  /** Path and query under `/v1/`. */
  path: string
  /** POSTed as JSON. */
  body?: unknown
}

interface Waiting {
  question: PlainQuestion
  asker: Subscriber<unknown>
}

interface TogetherReply {
  answers: { status: number; body: unknown }[]
}

/** Questions are gathered until none comes for so long: the panels that one refresh makes ask. */
const GATHER_MS = 10
/** The first waits no longer than this, too short to be seen. */
const MAX_GATHER_MS = 60
/** The collector takes no more in one request. */
const MAX_QUESTIONS = 32

const isTogetherReply = (data: unknown, length: number): data is TogetherReply =>
  Array.isArray((data as TogetherReply | null)?.answers) && (data as TogetherReply).answers.length === length

/** A collector from before the route was there; a question without an answer is not answered by 404 itself. */
const isWithoutRoute = (error: unknown) => (error as { status?: number } | null)?.status === 404

export class QuestionBatcher {
  private readonly proxyUrl: string
  private readonly send: Send
  private waiting: Waiting[] = []
  private timer: ReturnType<typeof setTimeout> | undefined
  private firstAtMs = 0
  private hasRoute = true

  /** `proxyUrl`: address of the data source's proxy in Grafana. */
  constructor(proxyUrl: string, send: Send) {
    this.proxyUrl = proxyUrl
    this.send = send
  }

  /** The answer, once; errors have `status` and `data`. Leaving it before it is there ends the request when nobody else waits for it. */
  ask(question: PlainQuestion): Observable<unknown> {
    return new Observable((asker) => {
      if (!this.hasRoute) return this.sendOne(question).subscribe(asker)
      if (this.waiting.length === 0) this.firstAtMs = Date.now()
      this.waiting.push({ question, asker })
      clearTimeout(this.timer)
      const leftMs = this.firstAtMs + MAX_GATHER_MS - Date.now()
      this.timer = setTimeout(() => this.sendWaiting(), Math.max(0, Math.min(GATHER_MS, leftMs)))
      return undefined
    })
  }

  private sendWaiting(): void {
    const waiting = this.waiting.filter(({ asker }) => !asker.closed)
    this.waiting = []
    for (let i = 0; i < waiting.length; i += MAX_QUESTIONS) this.sendTogether(waiting.slice(i, i + MAX_QUESTIONS))
  }

  private sendEach(waiting: readonly Waiting[]): void {
    for (const { question, asker } of waiting) if (!asker.closed) asker.add(this.sendOne(question).subscribe(asker))
  }

  private sendOne({ path, body }: PlainQuestion): Observable<unknown> {
    const url = `${this.proxyUrl}/api/v1/${path}`
    const request: ProxyRequest = body === undefined ? { method: 'GET', url } : { method: 'POST', url, data: body }
    return new Observable((asker) =>
      this.send(request).subscribe({
        next: ({ data }) => asker.next(data),
        error: (error: unknown) => asker.error(error),
        complete: () => asker.complete(),
      }),
    )
  }

  private sendTogether(waiting: readonly Waiting[]): void {
    if (waiting.length === 1) {
      this.sendEach(waiting)
      return
    }
    const questions = waiting.map(({ question: { path, body } }) => ({ path: `/v1/${path}`, ...(body === undefined ? {} : { body }) }))
    const request: ProxyRequest = { method: 'POST', url: `${this.proxyUrl}/api/v1/answers`, data: { questions } }
    const sent: Subscription = this.send(request).subscribe({
      next: ({ data }) => giveOut(waiting, data),
      error: (error: unknown) => {
        if (isWithoutRoute(error)) {
          this.hasRoute = false
          this.sendEach(waiting)
        } else for (const { asker } of waiting) asker.error(error)
      },
    })
    const leave = () => {
      if (waiting.every(({ asker }) => asker.closed)) sent.unsubscribe()
    }
    for (const { asker } of waiting) asker.add(leave)
  }
}

function giveOut(waiting: readonly Waiting[], data: unknown): void {
  const reply = isTogetherReply(data, waiting.length) ? data : undefined
  for (const [i, { asker }] of waiting.entries()) {
    const answer = reply?.answers[i]
    if (!answer) asker.error({ status: 502, data: 'the answers are not those of the questions' })
    else if (answer.status >= 400) asker.error({ status: answer.status, data: answer.body })
    else {
      asker.next(answer.body)
      asker.complete()
    }
  }
}
