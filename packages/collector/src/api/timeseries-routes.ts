/** Routes of port 8082. */
import { KEY_LABELS, type KeyRow, type KeysQuestion } from '../analytics/series/list-keys.ts'
import type { LatestAnswer, QueryAnswer } from '../analytics/series/query-series.ts'
import type { SeriesQuery } from '../analytics/series/series-query.ts'
import { invalid, QuestionError } from '../errors.ts'
import { type AnalyticsQuestions, type CommonQuestions, commonRoutes } from './analytics-routes.ts'
import type { Route } from './create-app.ts'
import { type ErrorBody, toErrorBody } from './error-handler.ts'
import { parseKey, parseMultiQuery, parseQuery } from './query-schema.ts'

const DEFAULT_KEYS = 10_000

export interface TimeseriesQuestions extends Pick<AnalyticsQuestions, 'metrics'> {
  query(query: SeriesQuery): Promise<QueryAnswer>
  /** In the order asked. */
  queries(queries: readonly SeriesQuery[]): Promise<(QueryAnswer | QuestionError)[]>
  latest(key: string): Promise<LatestAnswer>
  keys(question: KeysQuestion): Promise<{ keys: KeyRow[]; truncated: boolean }>
}

export interface TimeseriesLimits {
  maxQueries: number
}

function parseLimit(value: unknown): number {
  if (value === undefined) return DEFAULT_KEYS
  const limit = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (!(limit >= 1 && limit <= 100_000)) throw invalid('limit', 'limit must be a whole number from 1 to 100000')
  return limit
}

/** `?metric=tokens&model=a&model=b`: one of the values of each label. */
function parseKeysQuestion({ limit, ...labels }: Record<string, unknown>): KeysQuestion {
  const wanted: Record<string, string[]> = {}
  for (const [label, value] of Object.entries(labels)) {
    if (!KEY_LABELS.includes(label))
      throw invalid(label.slice(0, 80), `there is no label ${JSON.stringify(label.slice(0, 80))}; there are ${KEY_LABELS.join(', ')}`)
    const values = Array.isArray(value) ? value : [value]
    if (values.some((one) => typeof one !== 'string' || one === '')) throw invalid(label, `${label} must be a name`)
    wanted[label] = values
  }
  return { labels: wanted, limit: parseLimit(limit) }
}

/** Each entry's answer or error by its name. */
export async function answerSeveral(
  questions: Pick<TimeseriesQuestions, 'queries'>,
  body: unknown,
  maxQueries: number,
): Promise<Record<string, QueryAnswer | ErrorBody>> {
  const entries = parseMultiQuery(body, maxQueries, Date.now())
  const asked = entries.flatMap(({ query }) => (query instanceof QuestionError ? [] : [query]))
  const answers = await questions.queries(asked)
  const byQuery = new Map(asked.map((query, index) => [query, answers[index] as QueryAnswer | QuestionError]))
  return Object.fromEntries(
    entries.map(({ name, query }): [string, QueryAnswer | ErrorBody] => {
      const answer = query instanceof QuestionError ? query : (byQuery.get(query) as QueryAnswer | QuestionError)
      return [name, answer instanceof QuestionError ? toErrorBody(answer) : answer]
    }),
  )
}

export function timeseriesRoutes(questions: CommonQuestions<TimeseriesQuestions>, { maxQueries }: TimeseriesLimits): Route[] {
  return [
    {
      method: 'POST',
      path: '/query',
      summary:
        '{key, start_time, end_time, aggregation?, bucket_duration?, …}: one series over a range; with metric and filter for key: many',
      handler: async (request, response, { tenant }) => {
        response.json(await questions.of(tenant).query(parseQuery(request.body, Date.now())))
      },
    },
    {
      method: 'POST',
      path: '/multi-query',
      summary: 'a list of such queries: a map by id, key, or place in the list',
      handler: async (request, response, { tenant }) => {
        response.json(await answerSeveral(questions.of(tenant), request.body, maxQueries))
      },
    },
    {
      method: 'GET',
      path: '/latest',
      summary: '?key=: the newest value of a series',
      handler: async (request, response, { tenant }) => {
        response.json(await questions.of(tenant).latest(parseKey(request.query['key'])))
      },
    },
    {
      method: 'GET',
      path: '/keys',
      summary: '?limit=&metric=&app=&provider=&model=&direction=&outcome=: the series that can be asked for',
      handler: async (request, response, { tenant }) => {
        response.json(await questions.of(tenant).keys(parseKeysQuestion({ ...request.query })))
      },
    },
    ...commonRoutes(questions),
  ]
}
