/** Cases of the rules about Redis and the collector. */
import { growing, type RuleCase, still } from './rule-case.ts'

const OTHER = { 'up{job="other", instance="x"}': still(1) }

const up = (labels: string) => `token_analytics_redis_up{instance="a"${labels}}`

const redisDown: RuleCase[] = [
  {
    name: 'away, the reason changing meanwhile',
    series: { [up(', reason="connection refused"')]: '0+0x2 stale _x20', [up(', reason="loading"')]: '_x3 0+0x20' },
    at: '3m',
    fires: [{ labels: { instance: 'a' }, summary: 'The collector a cannot use Redis.' }],
  },
  { name: 'well', series: { [up('')]: still(1) }, at: '3m', fires: [] },
  { name: 'too short', series: { [up(', reason="loading"')]: still(0) }, at: '30s', fires: [] },
  { name: 'back again', series: { [up(', reason="loading"')]: '0+0x4 stale _x20', [up('')]: '_x5 1+0x20' }, at: '5m', fires: [] },
  { name: 'series absent', series: OTHER, at: '3m', fires: [] },
]

function memory(used: number, max: number, system: number): Record<string, string> {
  const name = (of: string) => `token_analytics_redis_memory_${of}_bytes{instance="a"}`
  return { [name('used')]: still(used), [name('max')]: still(max), [name('system')]: still(system) }
}
const nearlyFull = [{ labels: {}, summary: 'Redis uses 91% of its memory, more than 90 %.' }]

const redisMemory: RuleCase[] = [
  { name: 'over its limit, on a large machine', series: memory(91, 100, 1000), at: '6m', fires: nearlyFull },
  { name: 'over the memory of its machine, without a limit', series: memory(91, 0, 100), at: '6m', fires: nearlyFull },
  { name: 'exactly at the threshold', series: memory(90, 100, 1000), at: '6m', fires: [] },
  { name: 'without a limit, on a large machine', series: memory(91, 0, 1000), at: '6m', fires: [] },
  { name: 'too short', series: memory(91, 100, 1000), at: '4m30s', fires: [] },
  { name: 'series absent', series: OTHER, at: '6m', fires: [] },
]

const evicted = (job = 'aiwatch-redis') => `redis_evicted_keys_total{job="${job}", instance="r"}`

const redisEvictions: RuleCase[] = [
  {
    name: 'one key',
    series: { [evicted()]: '7+0x10 8+0x100' },
    at: '6m',
    fires: [{ labels: { instance: 'r' }, summary: 'Redis r evicted 1 keys.' }],
  },
  { name: 'none in the window', series: { [evicted()]: still(7) }, at: '6m', fires: [] },
  { name: 'longer ago than the window', series: { [evicted()]: '7+0x10 8+0x100' }, at: '25m', fires: [] },
  { name: 'a restart that begins anew', series: { [evicted()]: '7+0x10 0+0x100' }, at: '6m', fires: [] },
  { name: "another's Redis", series: { [evicted('shop-redis')]: growing(5) }, at: '6m', fires: [] },
  { name: 'series absent', series: OTHER, at: '6m', fires: [] },
]

function persistence(snapshot: number, appendOnly: number): Record<string, string> {
  const labels = '{job="aiwatch-redis", instance="r"}'
  return { [`redis_rdb_last_bgsave_status${labels}`]: still(snapshot), [`redis_aof_last_write_status${labels}`]: still(appendOnly) }
}
const cannotSave = [{ labels: { instance: 'r' }, summary: 'Redis r could not write its files.' }]

const redisPersistence: RuleCase[] = [
  { name: 'a snapshot failed', series: persistence(0, 1), at: '2m', fires: cannotSave },
  { name: 'the append-only file could not be written', series: persistence(1, 0), at: '2m', fires: cannotSave },
  { name: 'well', series: persistence(1, 1), at: '2m', fires: [] },
  { name: 'too short', series: persistence(0, 1), at: '30s', fires: [] },
  { name: 'series absent', series: OTHER, at: '2m', fires: [] },
]

const collector = (instance: string) => `up{job="aiwatch", instance="${instance}"}`

const collectorDown: RuleCase[] = [
  {
    name: 'one of two',
    series: { [collector('a')]: still(1), [collector('b')]: still(0) },
    at: '2m',
    fires: [{ labels: { job: 'aiwatch', instance: 'b' }, summary: 'The job aiwatch of Prometheus gets no answer from its target b.' }],
  },
  {
    name: 'no target at all',
    series: OTHER,
    at: '2m',
    fires: [
      { labels: { job: 'aiwatch', instance: '(none)' }, summary: 'The job aiwatch of Prometheus gets no answer from its target (none).' },
    ],
  },
  { name: 'up', series: { [collector('a')]: still(1) }, at: '2m', fires: [] },
  { name: 'too short', series: { [collector('a')]: '1+0x4 0+0x20' }, at: '3m', fires: [] },
  { name: 'missed one scrape', series: { [collector('a')]: '1+0x4 0 1+0x20' }, at: '4m', fires: [] },
  { name: "another's target down", series: { [collector('a')]: still(1), 'up{job="other", instance="x"}': still(0) }, at: '2m', fires: [] },
]

const counter = (name: string, instance = 'a') => `token_analytics_integrity_total{counter="${name}", instance="${instance}"}`

const integrityGap: RuleCase[] = [
  {
    name: 'calls lost, told by two collectors',
    series: { [counter('lost_calls')]: '0+0x100 30+0x40', [counter('lost_calls', 'b')]: '0+0x100 30+0x40' },
    at: '55m',
    fires: [{ labels: { counter: 'lost_calls' }, summary: 'lost_calls rose by 30.' }],
  },
  {
    name: 'two kinds of loss',
    series: { [counter('dropped_calls')]: '4+0x100 5+0x40', [counter('torn_writers')]: '0+0x100 1+0x40' },
    at: '55m',
    fires: [
      { labels: { counter: 'dropped_calls' }, summary: 'dropped_calls rose by 1.' },
      { labels: { counter: 'torn_writers' }, summary: 'torn_writers rose by 1.' },
    ],
  },
  { name: 'lost long ago', series: { [counter('lost_calls')]: still(30) }, at: '55m', fires: [] },
  { name: 'longer ago than the window', series: { [counter('lost_calls')]: '0+0x10 30+0x140' }, at: '55m', fires: [] },
  {
    name: 'what is counted but no loss',
    series: { [counter('late_calls')]: growing(5), [counter('applied_batches')]: growing(30), [counter('lost_calls')]: still(0) },
    at: '55m',
    fires: [],
  },
  { name: 'series absent', series: OTHER, at: '55m', fires: [] },
]

const sample = (instance: string) => `token_analytics_sample_age_seconds{instance="${instance}"}`

const samplerStale: RuleCase[] = [
  {
    name: 'no sampler at work',
    series: { [sample('a')]: still(7200), [sample('b')]: still(7200) },
    at: '3m',
    fires: [{ labels: {}, summary: 'The newest sample is 2h 0m 0s old, more than 120 s.' }],
  },
  { name: 'exactly at the threshold', series: { [sample('a')]: still(120) }, at: '3m', fires: [] },
  { name: 'one collector was told late', series: { [sample('a')]: still(200), [sample('b')]: still(20) }, at: '3m', fires: [] },
  { name: 'too short', series: { [sample('a')]: still(7200) }, at: '1m30s', fires: [] },
  { name: 'series absent', series: OTHER, at: '3m', fires: [] },
]

export const SERVICE_CASES: Record<string, RuleCase[]> = {
  'redis-down': redisDown,
  'redis-memory': redisMemory,
  'redis-evictions': redisEvictions,
  'redis-persistence': redisPersistence,
  'collector-down': collectorDown,
  'integrity-gap': integrityGap,
  'sampler-stale': samplerStale,
}
