/** A question of kind `answer` with `live`: its frames go on while somebody looks, each second where the stream tells of the part. */
import type { Live, Overview } from '@aiwatch/collector/contract'
import {
  catchError,
  concatMap,
  EMPTY,
  exhaustMap,
  filter,
  map,
  merge,
  NEVER,
  type Observable,
  of,
  scan,
  share,
  switchMap,
  throttleTime,
  timer,
} from 'rxjs'
import type { AnswerClient, Question } from '../data/answer-client.ts'
import type { AnswerOperation } from '../data/frames/answer-parts.ts'
import type { Frame } from '../data/frames/frame.ts'
import { STREAMED_PARTS, withLive } from '../data/stream/live-overview.ts'
import type { StreamClient, StreamEvent } from '../data/stream/stream-client.ts'
import { answerFrames } from './ask-answer.ts'
import type { AskedRange } from './asked-range.ts'
import type { AIWatchQuery, AnswerQuery } from './query.ts'

/** What the stream has told is made exact so often by the answer itself. */
const ASK_MS = 5000
/** New calls make the list be asked for again, not more often than the collector answers anew. */
const CALLS_MS = 1000
/** Between two answers the stream tells five times; more only while no answer comes. */
const MAX_LIVES = 600

/** The answers that change each second. */
export const hasLive = (operation: AnswerOperation): boolean => operation === 'overview' || operation === 'calls'

/** Only a time that ends now goes on. */
export const isLive = (query: AIWatchQuery, { to }: AskedRange): query is AnswerQuery =>
  query.kind === 'answer' && query.live === true && hasLive(query.operation) && to === 'now'

interface AskingLive {
  client: AnswerClient
  streams: StreamClient
  /** Whether anybody looks at the page, its value now first. */
  isSeen: Observable<boolean>
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
  const lives = signal.kind === 'live' ? [...state.lives, signal.live].slice(-MAX_LIVES) : state.lives
  return { ...state, lives, trouble: undefined }
}

function withNotices(frames: Frame[], texts: readonly string[]): Frame[] {
  const [first, ...others] = frames
  if (!first || texts.length === 0) return frames
  const notices = texts.map((text) => ({ severity: 'warning' as const, text }))
  return [{ ...first, meta: { ...first.meta, notices: [...(first.meta?.notices ?? []), ...notices] } }, ...others]
}

function answerOf(query: AnswerQuery, { reply, lives, failure, trouble }: State): LiveAnswer[] {
  const texts = [failure, trouble].filter((text) => text !== undefined)
  if (reply === undefined) return failure === undefined ? [] : [{ message: failure }]
  const whole = query.operation === 'overview' ? withLive(reply as Overview, lives) : reply
  return [{ frames: withNotices(answerFrames(query, whole), texts) }]
}

/** The stream knows all calls together: under a filter only the answer does. */
function listen(streams: StreamClient, { operation, part }: AnswerQuery, { params = {} }: Question): Observable<StreamEvent> {
  const { app, provider, model } = params
  if (operation === 'calls') return streams.listen({ events: 'calls', app, model })
  const isTold = STREAMED_PARTS.includes(part) && [app, provider, model].every((names) => names === undefined)
  return isTold ? streams.listen({ events: 'live' }) : NEVER
}

/** Does not end and does not fail. The query must be one that can be live. */
export function askLive({ client, streams, isSeen, query, question }: AskingLive): Observable<LiveAnswer> {
  const events = listen(streams, query, question).pipe(share())
  const newCalls = events.pipe(
    filter(({ kind }) => kind === 'calls'),
    throttleTime(CALLS_MS, undefined, { leading: true, trailing: true }),
  )
  const answers = isSeen.pipe(
    switchMap((seen) => (seen ? merge(timer(0, ASK_MS), newCalls) : EMPTY)),
    exhaustMap(() =>
      client.ask(question).pipe(
        map((reply): Signal => ({ kind: 'reply', reply })),
        catchError((error: unknown) => of<Signal>({ kind: 'failure', message: error instanceof Error ? error.message : String(error) })),
      ),
    ),
  )
  return merge(events, answers).pipe(
    scan<Signal, { state: State; isShown: boolean }>(
      ({ state }, signal) => ({ state: reduce(state, signal), isShown: signal.kind !== 'calls' || state.trouble !== undefined }),
      { state: { lives: [] }, isShown: false },
    ),
    filter(({ isShown }) => isShown),
    concatMap(({ state }) => answerOf(query, state)),
  )
}
