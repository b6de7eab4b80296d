/** Template variables in queries. */
import type { ScopedVars } from '@grafana/data'
import type { Params } from '../data/answer-client.ts'

/** As of Grafana's template service. */
export type Replace = (text: string, scopedVars: ScopedVars, format: (value: string | string[]) => string) => string

/** The value of a variable that stands for no filter. Not a name that a model or an app has. */
export const ALL = '*'

const asJson = (value: string | string[]) => JSON.stringify(value)
const asText = (value: string | string[]) => (Array.isArray(value) ? value.join(',') : value)

/** The names that a text means: itself, or the values of the variable that it is. Empty: no filter. */
export function expandNames(text: string, replace: Replace, scopedVars: ScopedVars): string[] {
  const replaced = replace(text, scopedVars, asJson)
  const parsed = parseJson(replaced)
  // Parts around a variable (`gpt-$size`) leave no valid JSON: then its value stands in the text.
  const isWhole = Array.isArray(parsed) || typeof parsed === 'string'
  const names = isWhole ? [parsed].flat().map(String) : [replace(text, scopedVars, asText)]
  return names.includes(ALL) || names.includes('$__all') ? [] : names.filter((name) => name !== '')
}

/** The filters of a query that its answer knows; those that stand for all are left out. */
export function expandParams(given: Record<string, string> = {}, known: readonly string[], expand: (text: string) => string[]): Params {
  const params: Params = {}
  for (const name of known) {
    const text = given[name]
    const names = text === undefined ? [] : expand(text)
    if (names.length > 0) params[name] = names.length === 1 ? names[0] : names
  }
  return params
}

function parseJson(text: string): unknown {
  if (!/^["[]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
