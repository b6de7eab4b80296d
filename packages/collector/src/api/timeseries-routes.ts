/** Routes of port 8082. */
import type { KeyRow, LatestAnswer, SeriesAnswer, SeriesQuery } from '../analytics/series/query-series.ts'
import { invalid, QuestionError } from '../errors.ts'
import { type AnalyticsQuestions, commonRoutes } from './analytics-routes.ts'
import type { Route } from './create-app.ts'
import { type ErrorBody, toErrorBody } from './error-handler.ts'
import { parseKey, parseMultiQuery, parseQuery } from './query-schema.ts'

const DEFAULT_KEYS = 10_000

export interface TimeseriesQuestions extends Pick<AnalyticsQuestions, 'metrics' | 'health'> {
  query(query: SeriesQuery): Promise<SeriesAnswer>
  /** In the order asked. */
  queries(queries: readonly SeriesQuery[]): Promise<(SeriesAnswer | QuestionError)[]>
  latest(key: string): Promise<LatestAnswer>
  keys(limit: number): Promise<{ keys: KeyRow[]; truncated: boolean }>
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

async function answerSeveral(questions: TimeseriesQuestions, body: unknown, maxQueries: number): Promise<Record<string, unknown>> {
  const entries = parseMultiQuery(body, maxQueries, Date.now())
  const asked = entries.flatMap(({ query }) => (query instanceof QuestionError ? [] : [query]))
  const answers = await questions.queries(asked)
  const byQuery = new Map(asked.map((query, index) => [query, answers[index] as SeriesAnswer | QuestionError]))
  return Object.fromEntries(
    entries.map(({ key, query }): [string, SeriesAnswer | ErrorBody] => {
      const answer = query instanceof QuestionError ? query : (byQuery.get(query) as SeriesAnswer | QuestionError)
      return [key, answer instanceof QuestionError ? toErrorBody(answer) : answer]
    }),
  )
}

export function timeseriesRoutes(questions: TimeseriesQuestions, { maxQueries }: TimeseriesLimits): Route[] {
  return [
    {
      method: 'POST',
      path: '/query',
      summary: '{key, start_time, end_time, aggregation?, bucket_duration?}: one series over a range',
      handler: async (request, response) => {
        response.json(await questions.query(parseQuery(request.body, Date.now())))
      },
    },
    {
      method: 'POST',
      path: '/multi-query',
      summary: 'a list of such queries: a map by key',
      handler: async (request, response) => {
        response.json(await answerSeveral(questions, request.body, maxQueries))
      },
    },
    {
      method: 'GET',
      path: '/latest',
      summary: '?key=: the newest value of a series',
      handler: async (request, response) => {
        response.json(await questions.latest(parseKey(request.query['key'])))
      },
    },
    {
      method: 'GET',
      path: '/keys',
      summary: '?limit=: the series that can be asked for',
      handler: async (request, response) => {
        response.json(await questions.keys(parseLimit(request.query['limit'])))
      },
    },
    ...commonRoutes(questions),
  ]
}
