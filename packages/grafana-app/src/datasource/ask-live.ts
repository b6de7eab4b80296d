/** A question of kind `answer` with `live`: its frames go on while somebody looks, each second where the stream tells of the part. */
import type { Live, Overview } from '@aiwatch/collector/contract'
import {
  catchError,
  concatMap,
  distinctUntilChanged,
  distinctUntilKeyChanged,
  EMPTY,
  exhaustMap,
  interval,
  map,
  merge,
  NEVER,
  type Observable,
  of,
  scan,
  share,
  skip,
  startWith,
  switchMap,
  take,
  timer,
} from 'rxjs'
import type { AnswerClient, Question } from '../data/answer-client.ts'
import type { AnswerOperation } from '../data/frames/answer-parts.ts'
import { type Frame, withNotices } from '../data/frames/frame.ts'
import { STREAMED_PARTS, withLive } from '../data/stream/live-overview.ts'
import type { StreamClient, StreamEvent } from '../data/stream/stream-client.ts'
import { answerFrames } from './ask-answer.ts'
import type { AskedRange } from './asked-range.ts'
import type { AIWatchQuery, AnswerQuery } from './query.ts'

/** What the stream has told is made exact so often by the answer itself. */
const ASK_MS = 5000
/** An answer may be a second and a half old, because the collector and we keep it. After so many asks what is new is in it. */
const ASKS_PER_NEWS = 3
const SECOND_MS = 1000
/** Between two answers the stream tells five times; more only while no answer comes. */
const MAX_LIVES = 600

/** Change with every call that is kept. */
const OF_KEPT_CALLS: readonly AnswerOperation[] = ['calls', 'sessions']

/** The answers that change each second. */
export const hasLive = (operation: AnswerOperation): boolean => operation === 'overview' || OF_KEPT_CALLS.includes(operation)

/** When live panels ask, all at once, so that they are one request. */
export const liveTicks = (): Observable<unknown> => interval(ASK_MS).pipe(share())

/** Only a time that ends now goes on. */
export const isLive = (query: AIWatchQuery, { to }: AskedRange): query is AnswerQuery =>
  query.kind === 'answer' && query.live === true && hasLive(query.operation) && to === 'now'

/** For who wants all that can be live to be so. */
export const toLive = (query: AIWatchQuery): AIWatchQuery => (query.kind === 'answer' ? { ...query, live: true } : query)

interface AskingLive {
  client: AnswerClient
  streams: StreamClient
  /** Whether anybody looks at the page, its value now first. */
  isSeen: Observable<boolean>
  /** `liveTicks`, the same for all panels. */
  ticks: Observable<unknown>
  query: AnswerQuery
  question: Question
}

/** Before the first answer comes what keeps it away; later that is a notice of the frames. */
export type LiveAnswer = { frames: Frame[] } | { message: string }

type Signal = { kind: 'reply'; reply: unknown } | { kind: 'failure'; message: string } | StreamEvent

interface State {
  reply?: unknown
  /** Since the answer, oldest first. */
  lives: Live[]
  failure?: string | undefined
  trouble?: string | undefined
}

function reduce(state: State, signal: Signal): State {
  if (signal.kind === 'reply') return { ...state, reply: signal.reply, lives: state.lives.slice(-1), failure: undefined }
  if (signal.kind === 'failure') return { ...state, failure: signal.message }
  if (signal.kind === 'trouble') return { ...state, trouble: signal.message }
  return { ...state, lives: [...state.lives, signal.live].slice(-MAX_LIVES), trouble: undefined }
}

function answerOf(query: AnswerQuery, { reply, lives, failure, trouble }: State): LiveAnswer[] {
  const texts = [failure, trouble].filter((text) => text !== undefined)
  if (reply === undefined) return failure === undefined ? [] : [{ message: failure }]
  const whole = query.operation === 'overview' ? withLive(reply as Overview, lives) : reply
  return [{ frames: withNotices(answerFrames(query, whole), texts) }]
}

/** The stream knows all calls together: under a filter only the answer does. */
function isTold({ operation, part }: AnswerQuery, { params = {} }: Question): boolean {
  const { app, provider, model } = params
  return operation === 'overview' && STREAMED_PARTS.includes(part) && [app, provider, model].every((names) => names === undefined)
}

/** When to ask: at once, now and then, and for calls each second while new ones come. */
function asks({ query: { operation }, ticks }: AskingLive, events: Observable<StreamEvent>): Observable<unknown> {
  const seldom = ticks.pipe(startWith(undefined))
  if (!OF_KEPT_CALLS.includes(operation)) return seldom
  const newCalls = events.pipe(
    concatMap((event) => (event.kind === 'live' ? [event.newestCall] : [])),
    distinctUntilChanged(),
    skip(1),
    switchMap(() => timer(0, SECOND_MS).pipe(take(ASKS_PER_NEWS))),
  )
  return merge(seldom, newCalls)
}

/** Does not end and does not fail. The query must be one that can be live. */
export function askLive(asking: AskingLive): Observable<LiveAnswer> {
  const { client, streams, isSeen, query, question } = asking
  const isFromStream = isTold(query, question)
  const events = isFromStream || OF_KEPT_CALLS.includes(query.operation) ? streams.listen() : NEVER
  const answers = isSeen.pipe(
    switchMap((seen) => (seen ? asks(asking, events) : EMPTY)),
    exhaustMap(() =>
      client.ask(question).pipe(
        map((reply): Signal => ({ kind: 'reply', reply })),
        catchError((error: unknown) => of<Signal>({ kind: 'failure', message: error instanceof Error ? error.message : String(error) })),
      ),
    ),
  )
  // Of a list of calls an event tells nothing but the end of trouble.
  const shown = isFromStream ? events : events.pipe(distinctUntilKeyChanged('kind'))
  return merge(shown, answers).pipe(
    scan(reduce, { lives: [] } as State),
    concatMap((state) => answerOf(query, state)),
  )
}
