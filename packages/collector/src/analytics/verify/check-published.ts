/** On RedisTimeSeries: the published series of closed hours against what the reader says. */
import { type StoreReader, TIERS, type Tier, tenantKeys } from '@aiwatch/store'
import { type Difference, isEqual, nameOfCode } from './difference.ts'

const HOUR = 3600
/** Differences that are kept. */
const MAX_DIFFERENCES = 200
/** How far back each tier is compared, in seconds: older buckets are read from the series themselves. */
const SPANS: Record<Tier, number> = { '10s': 2 * HOUR, '1m': 8 * HOUR, '1h': 50 * HOUR }

export interface PublishedQuestion {
  /** Hours (starts in seconds since the epoch) in [from, to) are compared. */
  from: number
  to: number
  /** Those that the tenant ever had. */
  codes: Iterable<number>
  /** Why a series may lack a value; undefined when all was published. */
  explained: string | undefined
}

export interface PublishedCheck {
  compared: number
  differences: Difference[]
}

type Values = Map<string, number>

function toValues(samples: { cell: string; samples: { start: number; value: number }[] }[]): Values {
  const values: Values = new Map()
  for (const { cell, samples: own } of samples) for (const { start, value } of own) values.set(`${cell} ${start}`, value)
  return values
}

/** Undefined: the tenant's series are not published. */
export async function checkPublished(
  reader: StoreReader,
  { from, to, codes, explained }: PublishedQuestion,
): Promise<PublishedCheck | undefined> {
  const check: PublishedCheck = { compared: 0, differences: [] }
  const keys = tenantKeys(reader.tenant)
  for (const tier of Object.keys(TIERS) as Tier[]) {
    for (let hour = Math.max(from, to - SPANS[tier]); hour < to; hour += HOUR) {
      for (const code of codes) {
        const [published, read] = await Promise.all([
          reader.publishedMetric(tier, [code], hour, hour + HOUR),
          reader.metric(tier, [code], hour, hour + HOUR),
        ])
        if (!published) return undefined
        const [shown, held] = [toValues(published), toValues(read)]
        for (const place of new Set([...shown.keys(), ...held.keys()])) {
          check.compared++
          const [found, expected] = [shown.get(place) ?? 0, held.get(place) ?? 0]
          if (isEqual(code, found, expected) || check.differences.length >= MAX_DIFFERENCES) continue
          const [cell = '', start = ''] = place.split(' ')
          check.differences.push({
            check: 'published',
            what: `the time series at ${tier} ${new Date(Number(start) * 1000).toISOString().slice(0, 19)} against the reader`,
            cell,
            metric: nameOfCode(code),
            expected,
            found,
            keys: [keys.timeSeries(tier, code, cell), keys.series(tier, Number(start))],
            ...(explained === undefined ? {} : { explained }),
          })
        }
      }
    }
  }
  return check
}
