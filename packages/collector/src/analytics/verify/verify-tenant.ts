/** The audit of a tenant: everything that is kept more than once is compared. */
import {
  type Cell,
  countUnpublished,
  type Integrity,
  OTHER_CELL,
  openReader,
  type RedisClient,
  readLateHours,
  SKETCH_LEVELS,
  type StoreReader,
  scanSeenUsers,
  sumBoard,
  TIERS,
} from '@aiwatch/store'
import { countCalls } from '../sums.ts'
import { checkBoards, checkSketches } from './check-hours.ts'
import { checkPublished } from './check-published.ts'
import { checkTiers } from './check-tiers.ts'
import { checkTotals } from './check-totals.ts'
import { checkUsers } from './check-users.ts'
import { type CellSums, type CheckName, codesIn, type Difference } from './difference.ts'

const HOUR = 3600
const DAY = 24 * HOUR
/** An hour is compared this long after its end: until then writers may hold rows of it. */
const SETTLED_SECONDS = 120
const BOARDS_KEPT_SECONDS = 7 * DAY
/** Announcements of late writes are kept this long. */
const ANNOUNCED_SECONDS = 25 * HOUR
/** Publication may be this late before it counts. */
const OVERDUE_MS = 60_000
/** Differences that are reported in full; the rest is counted. */
const MAX_LISTED = 100

export interface VerifyQuestion {
  tenant: string
  /** Hours that begin at or after this instant, in seconds since the epoch. */
  sinceSeconds: number
  /** What is being read, for a line that is shown meanwhile. */
  onProgress?(text: string): void
}

export interface CheckResult {
  check: CheckName
  /** What was compared with what. */
  what: string
  compared: number
  differences: number
  explained: number
}

export interface VerifyReport {
  tenant: string
  backend: 'plain' | 'module' | undefined
  /** ISO 8601; the closed hours that were compared tier by tier. Undefined: there was none. */
  from: string | undefined
  to: string | undefined
  hours: number
  checks: CheckResult[]
  /** At most 100; `checks` has all. */
  differences: Difference[]
  explained: Difference[]
  cells: ReadonlyMap<string, Cell>
  /** Lifetime calls of all cells, and of the cell `other`, into which those beyond the tenant's limit are folded. */
  calls: number
  otherCalls: number
  users: number
  /** Fields that could not be read: figures lack them. */
  corruptFields: number
  integrity: Integrity
}

interface Audit {
  redis: RedisClient
  reader: StoreReader
  question: VerifyQuestion
  integrity: Integrity
  nowSeconds: number
  hours: number[]
  report(text: string): void
}

function closedHours(sinceSeconds: number, nowSeconds: number): number[] {
  const oldest = nowSeconds - TIERS['1h'].keepSeconds
  const hours: number[] = []
  for (let hour = Math.ceil(Math.max(sinceSeconds, oldest) / HOUR) * HOUR; hour + HOUR + SETTLED_SECONDS <= nowSeconds; hour += HOUR) {
    hours.push(hour)
  }
  return hours
}

/** A writer short of memory folds fine buckets into the hour; a call a day late finds its 10 s bucket closed and its hour open. */
async function explainCoarser({ redis, question, integrity, nowSeconds, hours }: Audit): Promise<(hour: number) => string | undefined> {
  if (integrity.coarsenedRows > 0) {
    return () => `${integrity.coarsenedRows} rows of fine buckets were folded into hours by writers short of memory`
  }
  if (integrity.lateCalls === 0) return () => undefined
  const writtenMs = await readLateHours(redis, question.tenant, hours)
  const written = new Map(hours.map((hour, i) => [hour, writtenMs[i]]))
  return (hour) => {
    const lateMs = written.get(hour)
    const unknown = lateMs === undefined && nowSeconds - hour > DAY + ANNOUNCED_SECONDS
    return unknown || (lateMs !== undefined && lateMs / 1000 - hour >= DAY)
      ? 'calls came a day late: the finer bucket took no more'
      : undefined
  }
}

interface Found {
  compared: number
  differences: Difference[]
}

/** Runs a check of an hour; where it finds something once more, since a late write may have come in between. */
async function twice(check: () => Promise<Found>): Promise<Found> {
  const first = await check()
  return first.differences.length === 0 ? first : check()
}

async function overHours(
  audit: Audit,
  hours: readonly number[],
  what: string,
  check: (reader: StoreReader, hour: number) => Promise<Found>,
) {
  const all: Found = { compared: 0, differences: [] }
  for (const [i, hour] of hours.entries()) {
    audit.report(`${what}: hour ${i + 1} of ${hours.length}`)
    const found = await twice(() => check(audit.reader, hour))
    all.compared += found.compared
    all.differences.push(...found.differences)
  }
  return all
}

async function compareTiers(audit: Audit): Promise<Found> {
  const { nowSeconds } = audit
  const explainMore = await explainCoarser(audit)
  const hours = audit.hours.filter((hour) => hour >= nowSeconds - TIERS['1m'].keepSeconds)
  return overHours(audit, hours, 'tiers', (reader, start) =>
    checkTiers(reader, { start, hasTens: start >= nowSeconds - TIERS['10s'].keepSeconds, explainMore }),
  )
}

function compareSketches(audit: Audit): Promise<Found> {
  const hours = audit.hours.filter((hour) => hour >= audit.nowSeconds - SKETCH_LEVELS['1h'].keepSeconds)
  const { coarsenedRows } = audit.integrity
  const explainLess = coarsenedRows > 0 ? 'writers short of memory gave up latency by the hour' : undefined
  return overHours(audit, hours, 'latency sketches', (reader, hour) => checkSketches(reader, hour, explainLess))
}

function compareBoards(audit: Audit): Promise<Found> {
  const { redis, question, nowSeconds } = audit
  const hours = audit.hours.filter((hour) => hour >= nowSeconds - BOARDS_KEPT_SECONDS)
  const sum = (board: Parameters<typeof sumBoard>[1]['board'], start: number) => sumBoard(redis, { tenant: question.tenant, board, start })
  return overHours(audit, hours, 'leaderboards', (reader, hour) => checkBoards(reader, hour, sum))
}

async function comparePublished(audit: Audit, totals: CellSums): Promise<Found | undefined> {
  const { redis, question, hours } = audit
  const [first, last] = [hours[0], hours.at(-1)]
  if (first === undefined || last === undefined) return undefined
  audit.report('published series')
  const waiting = await countUnpublished(redis, question.tenant, OVERDUE_MS)
  const explained = waiting > 0 ? `${waiting} buckets wait to be published: no collector runs` : undefined
  const codes = codesIn(...totals.values())
  return checkPublished(audit.reader, { codes, from: first, to: last + HOUR, explained })
}

/** What an hour holds too much shows again in the totals: such an echo is left out. */
function withoutEchoes(totals: readonly Difference[], tiers: readonly Difference[]): Difference[] {
  return totals.filter((difference) => {
    const excess = tiers
      .filter(({ cell, metric, what }) => cell === difference.cell && metric === difference.metric && what.startsWith('the hour '))
      .reduce((sum, { found, expected }) => sum + found - expected, 0)
    return excess === 0 || Math.abs(difference.expected - difference.found - excess) > 1e-3
  })
}

const WHAT: Record<CheckName, string> = {
  tiers: '10 s, 1 min and 1 h buckets of closed hours',
  totals: 'all hours and the lifetime totals',
  histogram: 'latency histograms and calls of the totals',
  sketches: 'latency sketches and calls of closed hours',
  boards: 'users of closed hours and all calls (at most)',
  users: 'users, their cells, and all calls (at most)',
  published: 'published time series and the reader',
}

function toResult(check: CheckName, { compared, differences }: Found): CheckResult {
  const explained = differences.filter((difference) => difference.explained !== undefined).length
  return { check, what: WHAT[check], compared, differences: differences.length - explained, explained }
}

/**
 * Compares what is kept of a tenant in several forms: tiers of closed hours that are older than two minutes, hours and lifetime totals, latency
 * sketches, leaderboards and users; on RedisTimeSeries also the published series. Reads only; memory does not grow with the range.
 */
export async function verifyTenant(redis: RedisClient, question: VerifyQuestion): Promise<VerifyReport> {
  // Nothing is cached: what was read once may be what is wrong.
  const reader = openReader(redis, { tenant: question.tenant, cacheBytes: 0 })
  const [integrity, cells, backend, time] = await Promise.all([reader.integrity(), reader.cells(), reader.backend(), redis.time()])
  const nowSeconds = Number(time[0])
  const hours = closedHours(question.sinceSeconds, nowSeconds)
  const audit: Audit = { redis, reader, question, integrity, nowSeconds, hours, report: (text) => question.onProgress?.(text) }

  const tiers = await compareTiers(audit)
  const openFrom = Math.floor((nowSeconds - SETTLED_SECONDS) / HOUR) * HOUR
  const onProgress = (done: number, of: number) => audit.report(`hours and totals: ${Math.round((done / of) * 100)} %`)
  const totals = await checkTotals(reader, { nowSeconds, openFrom, integrity, onProgress })
  const ofTotals = totals.differences.filter(({ check }) => check === 'totals')
  const histogram = totals.differences.filter(({ check }) => check === 'histogram')
  const sketches = await compareSketches(audit)
  const boards = await compareBoards(audit)
  const users = await checkUsers({
    reader,
    pages: scanSeenUsers(redis, question.tenant),
    onProgress: (count) => audit.report(`users: ${count}`),
  })
  const published = await comparePublished(audit, totals.totals)

  const results: [CheckName, Found][] = [
    ['tiers', tiers],
    ['totals', { compared: totals.compared, differences: withoutEchoes(ofTotals, tiers.differences) }],
    ['histogram', { compared: totals.totals.size, differences: histogram }],
    ['sketches', sketches],
    ['boards', boards],
    ['users', users],
    ...(published ? [['published', published] as [CheckName, Found]] : []),
  ]
  const all = results.flatMap(([, { differences }]) => differences)
  const iso = (seconds: number | undefined) => (seconds === undefined ? undefined : new Date(seconds * 1000).toISOString())
  const last = hours.at(-1)
  return {
    tenant: question.tenant,
    backend,
    from: iso(hours[0]),
    to: iso(last === undefined ? undefined : last + HOUR),
    hours: hours.length,
    checks: results.map(([check, found]) => toResult(check, found)),
    differences: all.filter(({ explained }) => explained === undefined).slice(0, MAX_LISTED),
    explained: all.filter(({ explained }) => explained !== undefined).slice(0, MAX_LISTED),
    cells,
    calls: [...totals.totals.values()].reduce((sum, sums) => sum + countCalls(sums), 0),
    otherCalls: countCalls(totals.totals.get(OTHER_CELL.id) ?? new Map()),
    users: users.users,
    corruptFields: reader.corruptFields,
    integrity,
  }
}
