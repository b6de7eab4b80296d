import { countCalls } from '../apply/count-calls.ts'
import { encodeBuckets } from '../apply/encode-buckets.ts'
import { CLOSED_AFTER_SECONDS, FINE_CLOSED_AFTER_SECONDS, TIERS } from '../series-catalogue.ts'
import type { SeriesBackend } from './series-backend.ts'

/** One hash per tier and time bucket; a field per cell, whose value is the packed vector of its totals in the bucket. */
export const plainRedisSeries: SeriesBackend = {
  name: 'plain',
  script: /* lua */ `
local function writeSeries(buckets)
  for i = 1, #buckets do writeBucket(buckets[i], addVector) end
end
`,
  encode: (rows, { keys, table, cellIds }) =>
    encodeBuckets(rows, {
      isSketch: false,
      seconds: (row) => TIERS[row.tier].seconds,
      keepSeconds: (row) => TIERS[row.tier].keepSeconds,
      closedAfterSeconds: (row) => (row.tier === '10s' ? FINE_CLOSED_AFTER_SECONDS : CLOSED_AFTER_SECONDS),
      name: (row) => row.tier,
      keyIndex: (row) => table.indexOf(keys.series(row.tier, row.start)),
      field: (row) => cellIds[row.cell] as string,
      vector: (row) => row.values,
      // A call is late when its finest bucket is, and refused when no bucket takes it: each is counted by one tier only.
      lateCalls: (row) => (row.tier === '10s' ? countCalls(row.values) : 0),
      refusedCalls: (row) => (row.tier === '1h' ? countCalls(row.values) : 0),
    }),
}
