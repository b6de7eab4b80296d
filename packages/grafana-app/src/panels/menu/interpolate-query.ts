/** Queries of a page with its variables filled in, so that they mean the same in a dashboard, which does not have them. */
import { ALL } from '../../datasource/interpolate.ts'

/** Replaces the variables of a text; the format gets each value. */
export type FillIn = (text: string, format: (value: string | string[]) => string) => string

/** As the data source reads names again: several as JSON, one as it is, unless it would be taken for JSON. */
function formatNames(value: string | string[]): string {
  const names = Array.isArray(value) ? value : [value]
  if (names.includes(ALL)) return ALL
  const [only] = names
  return names.length === 1 && only !== undefined && !/^["[]/.test(only) ? only : JSON.stringify(names)
}

const isFilter = (text: string) => text !== '' && text !== ALL

function fillParams(params: Record<string, string>, fill: (text: string) => string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params)
      .map(([name, text]) => [name, fill(text)] as const)
      .filter(([, text]) => isFilter(text)),
  )
}

interface Query {
  params?: Record<string, string>
  filters?: { values: string[] }[]
  [field: string]: unknown
}

/** Filters that stand for everything are left out. */
export function interpolateQuery<Asked extends object>(query: Asked, fillIn: FillIn): Asked {
  const fill = (text: string) => fillIn(text, formatNames)
  const { params, filters } = query as Query
  return {
    ...query,
    ...(params ? { params: fillParams(params, fill) } : {}),
    ...(filters
      ? {
          filters: filters
            .map((filter) => ({ ...filter, values: filter.values.map(fill).filter(isFilter) }))
            .filter(({ values }) => values.length > 0),
        }
      : {}),
  }
}
