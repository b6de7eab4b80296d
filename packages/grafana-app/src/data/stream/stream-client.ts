/**
 * The collector's stream of events. Panels that want the same events share one connection, which is there only while somebody listens and
 * looks, and takes up again where it broke off.
 */
import type { Live, NewCalls } from '@aiwatch/collector/contract'
import {
  catchError,
  concat,
  concatMap,
  concatWith,
  defer,
  distinctUntilChanged,
  ignoreElements,
  NEVER,
  type Observable,
  of,
  ReplaySubject,
  repeat,
  share,
  switchMap,
  tap,
  throwError,
  timeout,
  timer,
} from 'rxjs'
import { type Params, toQueryString } from '../answer-client.ts'
import { describeFailure } from '../describe-failure.ts'
import { type SseEvent, SseParser } from './sse-parser.ts'

export type StreamEvent =
  | { kind: 'live'; live: Live }
  | { kind: 'calls'; news: NewCalls }
  /** It broke off, and is tried again; the next other event ends the trouble. */
  | { kind: 'trouble'; message: string }

export interface StreamRequest {
  url: string
  headers: Record<string, string>
}

/** Errors have `status` and `data`. */
type OpenStream = (request: StreamRequest) => Observable<Uint8Array>

interface StreamFilter {
  events: 'live' | 'calls'
  app?: Params[string]
  model?: Params[string]
}

/** Longer than the collector's heartbeat. A proxy that holds back what it has, in order to compress it, is silent too. */
const SILENCE_MS = 20_000
const RETRY_MS = 2000
const MAX_RETRY_MS = 30_000
/** A panel that refreshes leaves and is back at once. */
const LINGER_MS = 3000
/** Who comes is told what came while its first answer may have been made: that is up to two seconds old. */
const REPLAY_MS = 3000
const MAX_REPLAYED = 8

const ENDED = { status: 0, data: undefined, isEnd: true }

function describeTrouble(error: unknown): string {
  if (error === ENDED) return 'The collector has ended the stream of live figures; it is opened again.'
  const { name, status } = (error ?? {}) as { name?: string; status?: number }
  if (name === 'TimeoutError') {
    return `No live figures have come for ${SILENCE_MS / 1000} s. Where Grafana's option enable_gzip is on, or a proxy before it collects answers, they are held back.`
  }
  return status === undefined && error instanceof Error
    ? `The stream of live figures broke off: ${error.message}.`
    : describeFailure(error).message
}

function readEvent({ event, data }: SseEvent): StreamEvent[] {
  if (event === 'live') return [{ kind: 'live', live: JSON.parse(data) as Live }]
  if (event === 'calls') return [{ kind: 'calls', news: JSON.parse(data) as NewCalls }]
  if (event !== 'trouble') return []
  const { detail } = JSON.parse(data) as { detail?: string }
  return [{ kind: 'trouble', message: `The collector cannot read its Redis: ${detail ?? 'no reason given'}.` }]
}

export class StreamClient {
  private readonly proxyUrl: string
  private readonly open: OpenStream
  private readonly isSeen: Observable<boolean>
  private readonly streams = new Map<string, Observable<StreamEvent>>()

  /** `isSeen`: whether anybody looks at the page, its value now first. */
  constructor(proxyUrl: string, open: OpenStream, isSeen: Observable<boolean>) {
    this.proxyUrl = proxyUrl
    this.open = open
    this.isSeen = isSeen
  }

  /** Does not end and does not fail. */
  listen(filter: StreamFilter): Observable<StreamEvent> {
    const name = toQueryString({ ...filter })
    const held = this.streams.get(name)
    if (held) return held
    const shared = this.isSeen.pipe(
      distinctUntilChanged(),
      this.whileSeen(`${this.proxyUrl}/api/v1/stream${name}`),
      share({
        connector: () => new ReplaySubject(MAX_REPLAYED, REPLAY_MS),
        resetOnRefCountZero: () => timer(LINGER_MS).pipe(tap(() => this.streams.delete(name))),
      }),
    )
    this.streams.set(name, shared)
    return shared
  }

  private whileSeen(url: string) {
    let lastId: string | undefined
    let failures = 0
    const attempt = defer(() => {
      const parser = new SseParser()
      const resume: Record<string, string> = lastId === undefined ? {} : { 'Last-Event-ID': lastId }
      return this.open({ url, headers: { Accept: 'text/event-stream', ...resume } }).pipe(
        timeout({ each: SILENCE_MS }),
        concatMap((chunk) => parser.push(chunk)),
        tap(({ id }) => {
          failures = 0
          lastId = id ?? lastId
        }),
        concatMap(readEvent),
        concatWith(throwError(() => ENDED)),
        catchError((error: unknown) => {
          const waitMs = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** failures++)
          const trouble: StreamEvent = { kind: 'trouble', message: describeTrouble(error) }
          return concat(of(trouble), timer(waitMs).pipe(ignoreElements()))
        }),
      )
    })
    const forever = attempt.pipe(repeat())
    return switchMap((seen: boolean) => (seen ? forever : NEVER))
  }
}
