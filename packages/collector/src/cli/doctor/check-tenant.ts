/** The tenant's data: in what form, what was lost, and by whom. */
import {
  countTornWriters,
  countUnpublished,
  type Integrity,
  listTenants,
  MAX_WRITERS_LISTED,
  openReader,
  type RedisClient,
  readWriters,
  resolveBackend,
} from '@aiwatch/store'
import { type Check, ok, problem, type Verdict, warning } from './finding.ts'

export interface TenantSources {
  redis: RedisClient
  tenant: string
  /** Of the TimeSeries module; undefined where the server has none. */
  timeseriesVersion: string | undefined
}

const OVERDUE_MS = 60_000
const CLOCK_LIMIT_MS = 1000
const MAX_NAMED = 3

async function checkSeries({ redis, tenant, timeseriesVersion }: TenantSources): Promise<Verdict> {
  const [{ isServed }, kept] = await Promise.all([resolveBackend(redis, tenant), openReader(redis, { tenant }).backend()])
  if (!isServed) {
    const advice = 'connect to the Redis it was begun on, or load the module (or let the user use it)'
    return problem(`tenant ${tenant} is kept as RedisTimeSeries, which cannot be used here`, advice)
  }
  const server = timeseriesVersion ? `RedisTimeSeries ${timeseriesVersion} is loaded` : 'no TimeSeries module'
  if (kept === undefined) return ok(`${server}; tenant ${tenant} has no data yet`)
  if (kept === 'module') return ok(`${server}; tenant ${tenant} is kept as time series`)
  return ok(`${server}; tenant ${tenant} is kept in hashes: same figures, no TS.* commands`)
}

async function checkTenants({ redis, tenant }: TenantSources): Promise<Verdict> {
  const tenants = await listTenants(redis)
  if (tenants.includes(tenant))
    return ok(tenants.length === 1 ? `tenant ${tenant} has data` : `${tenants.length} tenants have data, ${tenant} too`)
  if (tenants.length === 0) return ok('nothing was written yet')
  return warning(
    `tenant ${tenant} has no data; there is ${tenants.slice(0, 5).join(', ')}`,
    'set AIWATCH_TENANT or --tenant to one of these',
  )
}

const LOSSES: readonly (readonly [counter: keyof Integrity, what: string, advice: string])[] = [
  ['refusedOperations', 'operations that Redis refused', 'see the warnings of the programs: they quote what Redis said'],
  ['lostCalls', 'calls that Redis lost after it had acknowledged them', 'turn the append-only file on; see persistence'],
  ['droppedCalls', 'calls that programs dropped when memory was short', 'raise AIWATCH_MAX_BUFFER_BYTES, or bring Redis back sooner'],
  ['coarsenedRows', 'rows that programs folded into hours when memory was short', 'raise AIWATCH_MAX_BUFFER_BYTES'],
  ['foldedUserCalls', 'calls whose user was folded into "other" when memory was short', 'raise AIWATCH_MAX_BUFFER_BYTES'],
  ['lateRefusedCalls', 'calls over a day late, in the lifetime totals only', 'see why programs hold calls so long'],
  ['clampedCalls', 'calls ahead of the clock of Redis, set back to it', 'set the clocks of the programs by NTP'],
  ['unparsedReplies', 'replies of providers whose usage could not be read', 'see the warnings of the programs; update @aiwatch/sdk'],
  ['foldedCells', 'cells folded into "other": too many apps, providers and models', 'give apps and models fewer names'],
  ['tornWriters', 'batches applied in part after a crash', 'start Redis behind redis-check-aof --fix'],
]

async function checkIntegrity({ redis, tenant }: TenantSources): Promise<Verdict[]> {
  const integrity = await openReader(redis, { tenant }).integrity()
  const verdicts = LOSSES.filter(([counter]) => integrity[counter] > 0).map(([counter, what, advice]) =>
    warning(`${integrity[counter]} ${what}, since the beginning`, advice),
  )
  if (verdicts.length > 0) return verdicts
  return [ok(`nothing was refused, lost or dropped in ${integrity.appliedBatches} batches; ${integrity.lateCalls} calls came late`)]
}

async function checkWriters({ redis, tenant }: TenantSources): Promise<Verdict[]> {
  const [torn, { count, writers }] = await Promise.all([countTornWriters(redis, tenant), readWriters(redis, tenant, MAX_WRITERS_LISTED)])
  const verdicts: Verdict[] = []
  if (torn > 0) {
    const what = `${torn} writers have half a batch in the totals: a cut append-only file was replayed`
    verdicts.push(warning(what, 'start Redis behind redis-check-aof --fix; aiwatch verify shows the rest'))
  }
  const fast = writers.filter(({ clockAheadMs }) => clockAheadMs > CLOCK_LIMIT_MS)
  if (fast.length > 0) {
    const named = fast
      .slice(0, MAX_NAMED)
      .map(({ origin, app, writer, clockAheadMs }) => `${origin ?? app ?? writer} ${Math.round(clockAheadMs / 1000)} s`)
    verdicts.push(warning(`clocks of writers run ahead: ${named.join(', ')}${fast.length > MAX_NAMED ? ', …' : ''}`, 'set them by NTP'))
  }
  return verdicts.length > 0 ? verdicts : [ok(count === 0 ? 'none in the last 48 h' : `${count} in the last 48 h, none torn, none ahead`)]
}

async function checkPublication({ redis, tenant }: TenantSources): Promise<Verdict> {
  const waiting = await countUnpublished(redis, tenant, OVERDUE_MS)
  if (waiting === 0) return ok('no series waits to be published')
  return problem(`${waiting} time buckets wait for over a minute to be published as series`, 'run a collector: it publishes every 2 s')
}

export function tenantChecks(sources: TenantSources): Check[] {
  return [
    { name: 'time series', run: () => checkSeries(sources) },
    { name: 'tenant', run: () => checkTenants(sources) },
    { name: 'integrity', run: () => checkIntegrity(sources) },
    { name: 'writers', run: () => checkWriters(sources) },
    ...(sources.timeseriesVersion ? [{ name: 'publication', run: () => checkPublication(sources) }] : []),
  ]
}
