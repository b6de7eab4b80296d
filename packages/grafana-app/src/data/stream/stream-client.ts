/**
 * The collector's stream of events. All panels share one connection, because browsers open few to one host; it is there only while somebody
 * listens and looks, and is opened again where it broke off. Nothing is made up for: an answer holds what was missed.
 */
import type { Live } from '@aiwatch/collector/contract'
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
import { t } from '../../t.ts'
import { describeFailure } from '../describe-failure.ts'
import { type SseEvent, SseParser } from './sse-parser.ts'

export type StreamEvent =
  /** Each second. `newestCall`: the place of the newest call that is kept. */
  | { kind: 'live'; live: Live; newestCall: string | undefined }
  /** It broke off, and is tried again; the next other event ends the trouble. */
  | { kind: 'trouble'; message: string }

/** Errors have `status` and `data`. */
type OpenStream = (url: string) => Observable<Uint8Array>

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
  if (error === ENDED) return t('trouble.ended', 'The collector has ended the stream of live figures; it is opened again.')
  const { name, status } = (error ?? {}) as { name?: string; status?: number }
  if (name === 'TimeoutError') {
    return t(
      'trouble.silence',
      "No live figures have come for {{seconds}} s. Where Grafana's option {{option}} is on, or a proxy before it collects answers, they are held back.",
      { seconds: SILENCE_MS / 1000, option: 'enable_gzip' },
    )
  }
  return status === undefined && error instanceof Error
    ? t('trouble.broken', 'The stream of live figures broke off: {{reason}}.', { reason: error.message })
    : describeFailure(error).message
}

function readEvent({ event, id, data }: SseEvent): StreamEvent[] {
  if (event === 'live') return [{ kind: 'live', live: JSON.parse(data) as Live, newestCall: id }]
  if (event !== 'trouble') return []
  const { detail } = JSON.parse(data) as { detail?: string }
  const reason = detail ?? t('trouble.no-reason', 'no reason given')
  return [{ kind: 'trouble', message: t('trouble.redis', 'The collector cannot read its Redis: {{reason}}.', { reason }) }]
}

export class StreamClient {
  private readonly url: string
  private readonly open: OpenStream
  private readonly shared: Observable<StreamEvent>

  /** `proxyUrl`: address of the data source's proxy in Grafana. `isSeen`: whether anybody looks at the page, its value now first. */
  constructor(proxyUrl: string, open: OpenStream, isSeen: Observable<boolean>) {
    this.url = `${proxyUrl}/api/v1/stream?events=live`
    this.open = open
    this.shared = isSeen.pipe(
      distinctUntilChanged(),
      this.whileSeen(),
      share({ connector: () => new ReplaySubject(MAX_REPLAYED, REPLAY_MS), resetOnRefCountZero: () => timer(LINGER_MS) }),
    )
  }

  /** Does not end and does not fail. */
  listen(): Observable<StreamEvent> {
    return this.shared
  }

  private whileSeen() {
    let failures = 0
    const attempt = defer(() => {
      const parser = new SseParser()
      return this.open(this.url).pipe(
        timeout({ each: SILENCE_MS }),
        concatMap((chunk) => parser.push(chunk)),
        tap(() => {
          failures = 0
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
