/** Series of a cell: `<metric>[:<direction or outcome>]:<app>:<provider>:<model>`, sums per bucket in three tiers. */
import {
  type Cell,
  LATE_ALLOWANCE_SECONDS,
  metricOfCode,
  type ParsedSeriesName,
  parseSeriesName,
  type StoreReader,
  TIERS,
  type Tier,
} from '@aiwatch/store'
import { unknownKey } from '../../errors.ts'
import type { DataPoint } from './aggregate-samples.ts'
import { assertBucketFits, chooseTier } from './choose-tier.ts'
import { countBuckets } from './count-buckets.ts'
import type { Labels, SeriesSource } from './series-source.ts'

function parseKey(key: string): ParsedSeriesName {
  try {
    return parseSeriesName(key)
  } catch (error) {
    if (error instanceof RangeError) throw unknownKey(key, `${error.message}; GET /keys lists the series`)
    throw error
  }
}

function labelsOf({ metric, split, code, cell }: ParsedSeriesName, tenant: string, tier: Tier): Labels {
  const labels: Labels = { tenant, tier, metric, app: cell.app, provider: cell.provider, model: cell.model }
  const catalogued = metricOfCode(code)?.metric
  if (catalogued?.split && split !== undefined) labels[catalogued.split.label] = split
  if (catalogued) labels['unit'] = catalogued.unit
  return labels
}

/** How far back the newest value is looked for, per tier, in buckets. */
const LATEST_BUCKETS: readonly [Tier, number][] = [
  ['10s', 60],
  ['1m', 180],
  ['1h', 168],
]

/** Throws an `unknown_key` error for a name that no series can have. */
export function openCellSeries(reader: StoreReader, key: string, nowMs: number): SeriesSource {
  const series = parseKey(key)
  const nowSeconds = nowMs / 1000

  const assertKnown = (cells: Map<string, Cell>) => {
    if (cells.has(series.cell.id)) return
    const names = (['app', 'provider', 'model'] as const).map((part) => `${part} ${JSON.stringify(series.cell[part])}`)
    throw unknownKey(key, `nothing was recorded for ${names.join(', ')}`)
  }

  const readTier = async (tier: Tier, fromSeconds: number, toSeconds: number): Promise<DataPoint[]> => {
    const points: DataPoint[] = []
    for (const { start, sums } of await reader.cellBuckets(tier, series.cell.id, fromSeconds, toSeconds)) {
      const value = sums.get(series.code)
      if (value !== undefined) points.push({ timestamp: start * 1000, value })
    }
    return points
  }

  return {
    stepMs: (startMs) => TIERS[chooseTier(startMs, nowMs)].seconds * 1000,
    bucketsRead(range) {
      const { seconds, keepSeconds } = TIERS[chooseTier(range.startMs, nowMs)]
      return countBuckets(range, { stepMs: seconds * 1000, keepMs: (keepSeconds + LATE_ALLOWANCE_SECONDS) * 1000, nowMs })
    },
    assertBucket: (startMs, bucketMs) => assertBucketFits(chooseTier(startMs, nowMs), bucketMs),
    labels: (startMs) => labelsOf(series, reader.tenant, chooseTier(startMs, nowMs)),
    async read({ startMs, endMs }) {
      const tier = chooseTier(startMs, nowMs)
      // The end is inclusive, as in TS.RANGE, and the reader's is not.
      const [cells, points] = await Promise.all([reader.cells(), readTier(tier, startMs / 1000, endMs / 1000 + 1)])
      assertKnown(cells)
      return points.filter(({ timestamp }) => timestamp >= startMs && timestamp <= endMs)
    },
    async latest() {
      const [cells, ...found] = await Promise.all([
        reader.cells(),
        ...LATEST_BUCKETS.map(([tier, count]) => readTier(tier, nowSeconds - count * TIERS[tier].seconds, nowSeconds + 1)),
      ])
      assertKnown(cells)
      const index = found.findIndex((points) => points.length > 0)
      const point = found[index]?.at(-1)
      const tier = LATEST_BUCKETS[index]?.[0]
      return point && tier ? { point, labels: labelsOf(series, reader.tenant, tier) } : undefined
    },
  }
}
