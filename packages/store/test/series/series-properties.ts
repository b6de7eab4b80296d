/** Random writes and random reads against a model, whatever form the series have. */
import {
  CODE,
  openReader,
  publishSeries,
  type SeriesRow,
  type SparseVector,
  type StoreReader,
  TIERS,
  type Tier,
  toCell,
} from '@aiwatch/store'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newTenant, type TestStore, TestWriter } from '../read/open-store.ts'
import { byStartAndCell, SeriesModel, startOf } from './series-model.ts'

const CELLS = ['a', 'b', 'c(=)', 'd'].map((model) => toCell('app', 'vendor', model))
const IDS = CELLS.map(({ id }) => id)
const CODES = [CODE.callsOk, CODE.callsOk + 3, CODE.inputTokens, CODE.outputTokens, CODE.costNanoUsd, CODE.durationMs]
const HOUR = 3600

const integer = fc.oneof(fc.nat({ max: 1000 }), fc.constantFrom(0, 1, 2 ** 31, 10 ** 14 + 1, 2 ** 50 - 1))
const value = (code: number) => (code === CODE.durationMs ? fc.nat({ max: 10 ** 9 }).map((n) => n / 1000) : integer)
const vector: fc.Arbitrary<SparseVector> = fc
  .subarray(CODES, { minLength: 1 })
  .chain((codes) => fc.tuple(...codes.map((code) => value(code).map((number) => [code, number]))))
  .map((pairs) => pairs.flat())
/** Few different ages, so that rows meet; on both sides of where each tier stops being hot, and none so old that it is refused meanwhile. */
const ages: Record<Tier, number[]> = {
  '10s': [0, 30, HOUR - 300, 1.2 * HOUR, 2.5 * HOUR, 9 * HOUR, 23 * HOUR],
  '1m': [0, 300, 5 * HOUR, 6.2 * HOUR, 8 * HOUR, 23 * HOUR],
  '1h': [0, 2 * HOUR, 9 * HOUR, 23 * HOUR],
}
const row = fc.constantFrom<Tier>('10s', '1m', '1h').chain((tier) =>
  fc.record({
    tier: fc.constant(tier),
    age: fc.constantFrom(...(ages[tier] as number[])),
    cell: fc.nat({ max: CELLS.length - 1 }),
    values: vector,
  }),
)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ writer: fc.nat({ max: 1 }), rows: fc.array(row, { minLength: 1, maxLength: 8 }) }) },
  { weight: 1, arbitrary: fc.constantFrom('publish due' as const, 'publish all' as const) },
  { weight: 1, arbitrary: fc.constant('read' as const) },
)

interface Bench {
  tenant: string
  store: TestStore
  model: SeriesModel
  /** Starts that ages stand for, fixed while the property runs: time goes on meanwhile. */
  starts: Map<string, number>
}

function toRows(rows: readonly { tier: Tier; age: number; cell: number; values: SparseVector }[], { starts }: Bench): SeriesRow[] {
  return rows.map(({ tier, age, cell, values }) => {
    const key = `${tier} ${age}`
    const start = starts.get(key) ?? startOf(tier, age)
    starts.set(key, start)
    return { tier, start, cell, values }
  })
}

function expectClose<Row extends [number, string, number | SparseVector]>(actual: Row[], expected: Row[]): void {
  expect(actual.map(([start, cell]) => [start, cell])).toEqual(expected.map(([start, cell]) => [start, cell]))
  for (const [i, entry] of actual.entries()) {
    const flat = (list: number | SparseVector) => (Array.isArray(list) ? list : [list])
    const wanted = flat(expected[i]?.[2] as number | SparseVector)
    const got = flat(entry[2])
    expect(got.length).toBe(wanted.length)
    for (const [j, number] of wanted.entries()) {
      if (Number.isInteger(number)) expect(got[j]).toBe(number)
      else expect(Math.abs((got[j] as number) - number)).toBeLessThanOrEqual(1e-9 * Math.abs(number))
    }
  }
}

/** Ranges around what may be written: whole days of the finest tier would be thousands of empty buckets. */
function rangesOf(tier: Tier, { starts }: Bench): [from: number, to: number][] {
  const { seconds } = TIERS[tier]
  return [...starts].flatMap(([key, start]) =>
    key.startsWith(`${tier} `) ? [[start - seconds, start + 2 * seconds] as [number, number]] : [],
  )
}

const SOME = new Set(IDS.slice(1, 3))
const CALLS = [CODE.callsOk, CODE.callsOk + 3]

async function expectRange(reader: StoreReader, { model }: Bench, tier: Tier, [from, to]: [number, number]): Promise<void> {
  const [buckets, cell, metric, metricOfSome] = await Promise.all([
    reader.buckets(tier, from, to),
    reader.cellBuckets(tier, IDS[0] as string, from, to),
    reader.metric(tier, CALLS, from, to),
    reader.metric(tier, [CODE.costNanoUsd], from, to, SOME),
  ])
  const rows = buckets.flatMap(({ start, cells }) =>
    [...cells].map(([id, sums]): [number, string, SparseVector] => [start, id, [...sums].flat()]),
  )
  const values = (samples: typeof metric) =>
    samples.flatMap(({ cell: id, samples: list }) => list.map((sample): [number, string, number] => [sample.start, id, sample.value]))
  const whole = model.buckets(tier, from, to)
  expectClose(rows.sort(byStartAndCell), whole)
  expectClose(
    cell.map(({ start, sums }): [number, string, SparseVector] => [start, IDS[0] as string, [...sums].flat()]),
    whole.filter(([, id]) => id === IDS[0]),
  )
  expectClose(values(metric).sort(byStartAndCell), model.metric(tier, CALLS, from, to))
  expectClose(
    values(metricOfSome).sort(byStartAndCell),
    model.metric(tier, [CODE.costNanoUsd], from, to).filter(([, id]) => SOME.has(id)),
  )
}

async function expectAnswers(reader: StoreReader, bench: Bench, tiers: readonly Tier[]): Promise<void> {
  await Promise.all(tiers.flatMap((tier) => rangesOf(tier, bench).map((range) => expectRange(reader, bench, tier, range))))
}

const TIER_NAMES: readonly Tier[] = ['10s', '1m', '1h']
/** At these times all that was written of a tier is cold, and still kept; the oldest of the finest tier would not be. */
const COLD_AHEAD_SECONDS: Partial<Record<Tier, number>> = { '1m': 7 * HOUR, '1h': 50 * HOUR }

export function describeSeriesProperties(open: () => Promise<TestStore>, runs: number): void {
  let store: TestStore
  beforeAll(async () => {
    store = await open()
  })
  afterAll(() => store.close())

  test('whatever is written, in whatever order, and published in between: readers answer what a model answers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
        const bench: Bench = { tenant: newTenant(), store, model: new SeriesModel(), starts: new Map() }
        const writers = [0, 1].map(() => new TestWriter(store.redis, bench.tenant))
        const cached = openReader(store.redis, { tenant: bench.tenant })
        const readAll = (reader: StoreReader) => expectAnswers(reader, bench, TIER_NAMES)
        for (const action of steps) {
          if (action === 'read') await readAll(cached)
          else if (action === 'publish due') await publishSeries(store.redis, bench.tenant)
          else if (action === 'publish all') await publishSeries(store.redis, bench.tenant, { all: true })
          else {
            const series = toRows(action.rows, bench)
            bench.model.add(series, IDS)
            await (writers[action.writer] as TestWriter).apply({ cells: CELLS, series })
          }
        }
        await readAll(cached)
        await publishSeries(store.redis, bench.tenant, { all: true })
        await readAll(cached)
        await readAll(openReader(store.redis, { tenant: bench.tenant, cacheBytes: 0 }))
        for (const [tier, ahead] of Object.entries(COLD_AHEAD_SECONDS) as [Tier, number][]) {
          const now = () => Date.now() + ahead * 1000
          await expectAnswers(openReader(store.redis, { tenant: bench.tenant, now }), bench, [tier])
        }
      }),
      { numRuns: runs },
    )
  })
}
