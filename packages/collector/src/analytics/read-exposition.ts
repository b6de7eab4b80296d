/** What `/metrics` shows of a tenant, in at most two round trips. */
import { bucketStart, type Cell, CODE, type Integrity, type StoreReader, type Sums, sketchQuantiles } from '@aiwatch/store'
import { type Active, readActive } from './read-active.ts'
import { type RecentFigures, readRecent } from './read-recent.ts'
import { mergeAll, tokenRates } from './sums.ts'
import { bucketsWithOpen, closedBuckets, HOUR_BUCKETS, RECENT_BUCKETS } from './windows.ts'

const TOP_USERS = 10
const HOUR_SECONDS = 3600
const MINUTE_SECONDS = 60
export const FIRST_TOKEN_QUANTILES = [0.5, 0.95, 0.99]
/** The metric whose samples say when a sampler was last at work: every tenant has it, with or without calls. */
const SAMPLED_METRIC = 'cpu:usage'

export interface Exposition {
  cells: Map<string, Cell>
  /** Since the beginning, per cell. */
  totals: Map<string, Sums>
  active: Active
  recent: RecentFigures
  /** Tokens per minute over the thirty newest closed buckets. */
  fiveMinuteRates: { input: number; output: number }
  /** The users with most tokens in the clock hours that the last 60 minutes touch. */
  userTokens: { user: string; tokens: number }[]
  /** All other tokens of the same hours, those of calls without a user included. */
  otherTokens: number
  /** Time to first token in seconds, in the order of `FIRST_TOKEN_QUANTILES`, of the minutes that the last 5 touch; null without streams. */
  firstTokenSeconds: number[] | null
  /** Milliseconds since the newest sample; undefined when the last two hours have none. */
  sampleAgeMs: number | undefined
  integrity: Integrity
}

export async function readExposition(reader: StoreReader, nowMs: number): Promise<Exposition> {
  const hour = bucketsWithOpen(nowMs, HOUR_BUCKETS)
  const firstHour = bucketStart(hour.from * 1000, HOUR_SECONDS)
  const firstMinute = bucketStart(bucketsWithOpen(nowMs, RECENT_BUCKETS).from * 1000, MINUTE_SECONDS)
  const [cells, totals, active, recent, hourSums, topUsers, firstToken, sample, integrity] = await Promise.all([
    reader.cells(),
    reader.totals(),
    readActive(reader),
    readRecent(reader, nowMs),
    reader.sums(firstHour, hour.to),
    reader.topUsers('user_tokens', hour.from, hour.to, TOP_USERS),
    reader.sketch('1m', 'first_token', firstMinute, hour.to),
    reader.latestSample(SAMPLED_METRIC),
    reader.integrity(),
  ])
  const hourTotal = mergeAll(hourSums)
  const userTokens = topUsers.map(({ member, value, totals: user }) => ({ user: user?.name ?? member, tokens: value }))
  const allTokens = (hourTotal.get(CODE.inputTokens) ?? 0) + (hourTotal.get(CODE.outputTokens) ?? 0)
  const topTokens = userTokens.reduce((sum, { tokens }) => sum + tokens, 0)
  return {
    cells,
    totals,
    active,
    recent,
    fiveMinuteRates: tokenRates(recent.buckets, closedBuckets(nowMs, RECENT_BUCKETS)),
    userTokens,
    // Boards and series are sent at different moments, so the difference may be below 0 for some seconds.
    otherTokens: Math.max(0, allTokens - topTokens),
    firstTokenSeconds: sketchQuantiles(firstToken, FIRST_TOKEN_QUANTILES)?.map((milliseconds) => milliseconds / 1000) ?? null,
    sampleAgeMs: sample && Math.max(0, nowMs - sample.timestampMs),
    integrity,
  }
}
