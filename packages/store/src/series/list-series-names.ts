import type { StoreReader } from '../read/store-reader.ts'
import { metricOfCode } from '../series-catalogue.ts'
import { formatSeriesName } from './series-name.ts'

/** HTTP names of the series that have data since the beginning, sorted. One round trip. */
export async function listSeriesNames(reader: StoreReader): Promise<string[]> {
  const [totals, cells] = await Promise.all([reader.totals(), reader.cells()])
  const names: string[] = []
  for (const [id, sums] of totals) {
    const cell = cells.get(id)
    if (!cell) continue
    for (const code of sums.keys()) {
      const entry = metricOfCode(code)
      if (!entry) continue
      const { app, provider, model } = cell
      names.push(
        formatSeriesName({ metric: entry.metric.name, ...(entry.split === undefined ? {} : { split: entry.split }), app, provider, model }),
      )
    }
  }
  return names.sort()
}
