/** Queries with their variables filled in, so that they mean the same where there are none: in Explore, and a panel of a page in a dashboard. */
import { interpolateBody } from './ask-raw.ts'
import { ALL } from './interpolate.ts'
import { type LabelFilter, takesNames } from './query.ts'

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
  id?: string
  body?: string
  params?: Record<string, string>
  filters?: LabelFilter[]
  [field: string]: unknown
}

/** Filters that stand for everything are left out. */
export function interpolateQuery<Asked extends object>(query: Asked, fillIn: FillIn): Asked {
  const fill = (text: string) => fillIn(text, formatNames)
  const { id, body, params, filters } = query as Query
  return {
    ...query,
    ...(id ? { id: fill(id) } : {}),
    ...(body ? { body: interpolateBody(body, fillIn) } : {}),
    ...(params ? { params: fillParams(params, fill) } : {}),
    ...(filters
      ? {
          filters: filters
            .map((filter) => ({ ...filter, values: filter.values.map(fill).filter(isFilter) }))
            .filter((filter) => !takesNames(filter) || filter.values.length > 0),
        }
      : {}),
  }
}
