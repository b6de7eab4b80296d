/** What every way of keeping series promises. A backend's test calls `describeSeriesStore` with what it needs to run. */
import { type Cell, CODE, openReader, type SeriesRow, type StoreReader, TIERS, type Tier, toCell } from '@aiwatch/store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newTenant, openTestStore, type TestStore, TestWriter } from '../read/open-store.ts'

export interface SeriesStoreUnderTest {
  name: string
  open?: () => Promise<TestStore>
  /** Seconds from now until the data of a bucket is dropped. Undefined: the backend drops in a way that cannot be asked. */
  secondsLeft?: (store: TestStore, place: { tenant: string; tier: Tier; start: number }) => Promise<number>
  /** Why this backend cannot be asked for its retention; needed where `secondsLeft` is not given. */
  noRetentionReason?: string
}

const tiers = Object.keys(TIERS) as Tier[]
const CELL = toCell('app', 'vendor', 'model')

interface Bench {
  writer: TestWriter
  reader: StoreReader
  tenant: string
}

function startOf(tier: Tier, bucketsBack: number): number {
  const { seconds } = TIERS[tier]
  return (Math.floor(Date.now() / 1000 / seconds) - bucketsBack) * seconds
}

const row = (tier: Tier, start: number, values: number[], cell = 0): SeriesRow => ({ tier, start, cell, values })

export function describeSeriesStore(under: SeriesStoreUnderTest): void {
  describe(`series in ${under.name}`, () => {
    let store: TestStore
    beforeAll(async () => {
      store = await (under.open ?? (() => openTestStore()))()
    })
    afterAll(() => store.close())

    function newBench(): Bench {
      const tenant = newTenant()
      return { tenant, writer: new TestWriter(store.redis, tenant), reader: openReader(store.redis, { tenant }) }
    }

    async function valuesOf({ reader }: Bench, tier: Tier, cell: Cell = CELL): Promise<[start: number, values: Record<number, number>][]> {
      const from = startOf(tier, 22)
      const rows = await reader.buckets(tier, from, startOf(tier, -1))
      const expected = rows.flatMap(({ start, cells }) => {
        const sums = cells.get(cell.id)
        return sums ? [[start, Object.fromEntries(sums)] as [number, Record<number, number>]] : []
      })
      const alone = await reader.cellBuckets(tier, cell.id, from, startOf(tier, -1))
      expect(alone.map(({ start, sums }) => [start, Object.fromEntries(sums)])).toEqual(expected)
      return expected
    }

    test.each(tiers)('tier %s: what was applied is read back, and what comes again is added', async (tier) => {
      const bench = newBench()
      const start = startOf(tier, 0)
      await bench.writer.apply({ cells: [CELL], series: [row(tier, start, [CODE.callsOk, 1, CODE.inputTokens, 10])] })
      expect(await valuesOf(bench, tier)).toEqual([[start, { [CODE.callsOk]: 1, [CODE.inputTokens]: 10 }]])
      await bench.writer.apply({ cells: [CELL], series: [row(tier, start, [CODE.inputTokens, 5, CODE.outputTokens, 7])] })
      expect(await valuesOf(bench, tier)).toEqual([[start, { [CODE.callsOk]: 1, [CODE.inputTokens]: 15, [CODE.outputTokens]: 7 }]])
    })

    test('tiers are kept apart', async () => {
      const bench = newBench()
      const start = startOf('1h', 1)
      await bench.writer.apply({ cells: [CELL], series: tiers.map((tier, i) => row(tier, start, [CODE.callsOk, i + 1])) })
      for (const [i, tier] of tiers.entries()) {
        const rows = await bench.reader.buckets(tier, start, start + 1)
        expect(rows.map(({ cells }) => cells.get(CELL.id)?.get(CODE.callsOk))).toEqual([i + 1])
      }
    })

    test.each(tiers)('tier %s: buckets out of order and late are read in order of time', async (tier) => {
      const bench = newBench()
      const starts = [3, 20, 1, 20, 8].map((back) => startOf(tier, back))
      for (const start of starts) await bench.writer.apply({ cells: [CELL], series: [row(tier, start, [CODE.callsOk, 1])] })
      const expected = [...new Set(starts)].sort((a, b) => a - b).map((start) => [start, start === starts[1] ? 2 : 1])
      expect((await valuesOf(bench, tier)).map(([start, values]) => [start, values[CODE.callsOk]])).toEqual(expected)
    })

    test.each([2 ** 31 - 1, 2 ** 31, 2 ** 32 + 1, 99_999_999_999_999, 100_000_000_000_001, 1_123_456_789_012_345, 2 ** 53 - 2])(
      'the integer %d and one more are exact',
      async (value) => {
        const bench = newBench()
        const start = startOf('1m', 1)
        await bench.writer.apply({ cells: [CELL], series: [row('1m', start, [CODE.costNanoUsd, value])] })
        await bench.writer.apply({ cells: [CELL], series: [row('1m', start, [CODE.costNanoUsd, 1])] })
        expect(await valuesOf(bench, '1m')).toEqual([[start, { [CODE.costNanoUsd]: value + 1 }]])
      },
    )

    test('decimals are summed to within 1e-9 of their size', async () => {
      const bench = newBench()
      const start = startOf('10s', 0)
      const values = [0.1, 0.2, 0.3, 1234.567, 98_765_432.125]
      for (const value of values) await bench.writer.apply({ cells: [CELL], series: [row('10s', start, [CODE.durationMs, value])] })
      const sum = values.reduce((a, b) => a + b, 0)
      const read = (await bench.reader.buckets('10s', start, start + 10))[0]?.cells.get(CELL.id)?.get(CODE.durationMs) as number
      expect(Math.abs(read - sum) / sum).toBeLessThan(1e-9)
    })

    test('labels of any kind come back, and their series stay apart', async () => {
      const strange = [
        '',
        'x'.repeat(10_000),
        '😀',
        'two\nlines',
        '{braces}',
        'a:b',
        'a,b',
        '(a)',
        '100%',
        'a=b!',
        '%2C',
        '\'quotes"',
        '\u0000',
        '-',
      ]
      const cells = strange.map((model) => toCell('app', 'vendor', model))
      const bench = newBench()
      const start = startOf('10s', 0)
      await bench.writer.apply({ cells, series: cells.map((_, i) => row('10s', start, [CODE.inputTokens, i + 1], i)) })
      const [rows, names] = await Promise.all([bench.reader.buckets('10s', start, start + 10), bench.reader.cells()])
      const read = [...(rows[0]?.cells ?? [])].map(([id, sums]) => [names.get(id)?.model, sums.get(CODE.inputTokens)])
      const byNumber = (a: unknown[], b: unknown[]) => Number(a[1]) - Number(b[1])
      expect(read.sort(byNumber)).toEqual(cells.map((cell, i) => [cell.model, i + 1]))
    })

    test.each(tiers)('tier %s: a range holds its first bucket and not the one at its end', async (tier) => {
      const bench = newBench()
      const [first, second, third] = [3, 2, 1].map((back) => startOf(tier, back)) as [number, number, number]
      await bench.writer.apply({ cells: [CELL], series: [first, second, third].map((start) => row(tier, start, [CODE.callsOk, 1])) })
      const startsIn = async (from: number, to: number) => (await bench.reader.buckets(tier, from, to)).map(({ start }) => start)
      expect(await startsIn(first, third)).toEqual([first, second])
      expect(await startsIn(first + 1, third + 1)).toEqual([second, third])
      expect(await startsIn(first, first)).toEqual([])
      expect(await startsIn(third, first)).toEqual([])
    })

    test('a range or tenant without data is empty, and bounds that are no numbers are named', async () => {
      const { reader } = newBench()
      expect(await reader.buckets('10s', 0, startOf('10s', -1))).toEqual([])
      expect(await reader.cellBuckets('1h', CELL.id, 0, startOf('1h', -1))).toEqual([])
      await expect(reader.buckets('1m', Number.NaN, 1)).rejects.toThrow(/^from must be a finite number/)
    })

    const { secondsLeft } = under
    if (!secondsLeft) {
      test.skip(`retention (${under.noRetentionReason ?? 'no reason was given'})`, () => {})
      if (!under.noRetentionReason) throw new Error('a backend without secondsLeft must give noRetentionReason')
      return
    }
    test.each(tiers)('tier %s: a bucket is kept as long as its tier says and an hour more', async (tier) => {
      const bench = newBench()
      const start = startOf(tier, 1)
      await bench.writer.apply({ cells: [CELL], series: [row(tier, start, [CODE.callsOk, 1])] })
      const { seconds, keepSeconds } = TIERS[tier]
      const left = await secondsLeft(store, { tenant: bench.tenant, tier, start })
      const dueSeconds = start + seconds + keepSeconds + 3600 - Date.now() / 1000
      expect(Math.abs(left - dueSeconds)).toBeLessThan(5)
    })
  })
}
