/** A question of kind `raw`: the body of `POST /v1/query` as somebody wrote it, with variables in it. */
import type { QueryReply } from '@aiwatch/collector/contract'
import type { ScopedVars } from '@grafana/data'
import type { Question } from '../data/answer-client.ts'
import type { Frame } from '../data/frames/frame.ts'
import { t } from '../t.ts'
import { chooseStepMs, metricFrames } from './ask-metric.ts'
import type { AskedRange } from './asked-range.ts'
import { expandNames, type Replace } from './interpolate.ts'
import type { RawQuery } from './query.ts'
import type { QueryFault } from './query-fault.ts'

type Body = Record<string, unknown>

/** A string of JSON, or a variable that stands outside of one, such as `"k": $k`. */
const STRING_OR_VARIABLE = /"(?:[^"\\]|\\.)*"|\$\{[^}"]*\}|\$\w+|\[\[[\w.:]+\]\]/g
/** Marks what stood outside of quotes: only there a number is meant as one. No text of JSON holds it unescaped. */
const BARE = '\u0000'

const quoteVariables = (text: string) =>
  text.replace(STRING_OR_VARIABLE, (found) => (found.startsWith('"') ? found : JSON.stringify(BARE + found)))

function parseBody(text: string): Body {
  const body: unknown = JSON.parse(quoteVariables(text))
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Error(t('fault.body.object', 'it must be an object, such as {{example}}', { example: '{"metric": "calls"}' }))
  return body as Body
}

/** Why the query cannot be asked, or undefined. What the fields hold is checked by the collector. */
export function findRawFault({ body }: RawQuery): QueryFault | undefined {
  if (body.trim() === '') return { field: 'body', message: t('fault.body.none', 'write the body of a query as JSON') }
  try {
    parseBody(body)
    return undefined
  } catch (error) {
    const why = (error as Error).message.replaceAll('\\u0000', '')
    return { field: 'body', message: t('fault.body.json', 'the body is not the JSON of a query: {{why}}', { why }) }
  }
}

const NUMBER = /^-?\d+(\.\d+)?$/

/** What a text with variables means: one name, a list where a variable has several, undefined where it stands for all. */
function fillText(text: string, expand: (text: string) => string[]): unknown {
  const isBare = text.startsWith(BARE)
  const names = expand(isBare ? text.slice(1) : text)
  const values = isBare ? names.map((name) => (NUMBER.test(name) ? Number(name) : name)) : names
  return values.length > 1 ? values : values[0]
}

/** Variables are filled in once the JSON is read, so that no value can change its shape. */
function fill(value: unknown, expand: (text: string) => string[]): unknown {
  if (typeof value === 'string') return /[$[]/.test(value) ? fillText(value, expand) : value
  if (Array.isArray(value)) {
    const items = value.flatMap((item) => fill(item, expand)).filter((item) => item !== undefined)
    // A list of variables that all stand for all is no filter; an empty list would match nothing.
    return items.length === 0 && value.length > 0 ? undefined : items
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, one]) => [name, fill(one, expand)] as const)
  const kept = entries.filter(([, one]) => one !== undefined)
  return kept.length === 0 && entries.length > 0 ? undefined : Object.fromEntries(kept)
}

/** Range and interval are known only when it is asked. */
const OF_THE_PANEL = /\$\{?__/

/** The body with all other variables filled in; as it is where it is no JSON. */
export function interpolateBody(body: string, replace: (text: string, format: Parameters<Replace>[2]) => string): string {
  const expand = (text: string) => (OF_THE_PANEL.test(text) ? [text] : expandNames(text, (one, _, format) => replace(one, format), {}))
  try {
    return JSON.stringify(fill(parseBody(body), expand) ?? {}, null, 2)
  } catch {
    return body
  }
}

interface AskedRaw {
  query: RawQuery
  range: AskedRange
  intervalMs: number
  replace: Replace
  scopedVars: ScopedVars
}

const nameOf = ({ metric, key }: Body) => String(metric ?? key ?? '')

/** The range is the panel's, and a bucket is what fits it, where the body does not say. Throws for what `findRawFault` finds. */
export function rawQuestion({ query, range, intervalMs, replace, scopedVars }: AskedRaw): Question & { body: Body } {
  const expand = (text: string) => expandNames(text, replace, scopedVars)
  const body = (fill(parseBody(query.body), expand) ?? {}) as Body
  const { aggregation } = body
  const asked: Body = { start_time: range.from, end_time: range.to, ...body }
  if (typeof aggregation === 'string' && !('bucket_duration' in body)) {
    asked['bucket_duration'] = chooseStepMs({ metric: nameOf(body), aggregation }, intervalMs)
  }
  return { path: 'query', body: asked }
}

/** As of a metric query that asks the same. */
export function rawFrames({ refId, legend }: RawQuery, asked: Body, reply: QueryReply): Frame[] {
  const { aggregation, group_by: groupBy } = asked
  const labels = 'series' in reply ? reply.series.flatMap((one) => Object.keys(one.labels)) : []
  const shown = {
    refId,
    metric: nameOf(asked),
    aggregation: typeof aggregation === 'string' ? aggregation : '',
    groupBy: Array.isArray(groupBy) ? groupBy.map(String) : [...new Set(labels)],
    ...(legend === undefined ? {} : { legend }),
  }
  return metricFrames(shown, reply)
}
