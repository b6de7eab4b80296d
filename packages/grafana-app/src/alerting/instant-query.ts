/** Instant queries of Prometheus through Grafana: the body of `/api/ds/query`, and its answer. */

export interface InstantQuery {
  refId: string
  datasourceUid: string
  expression: string
}

export interface InstantSample {
  labels: Record<string, string>
  value: number
}

export type InstantAnswer = { samples: InstantSample[] } | { failure: string }

export function makeQueryBody(queries: readonly InstantQuery[]) {
  return {
    from: 'now-10m',
    to: 'now',
    queries: queries.map(({ refId, datasourceUid, expression }) => ({
      refId,
      datasource: { uid: datasourceUid },
      expr: expression,
      instant: true,
      range: false,
      intervalMs: 15_000,
      maxDataPoints: 100,
    })),
  }
}

interface QueryField {
  name: string
  type?: string
  labels?: Record<string, string>
}

interface QueryFrame {
  schema?: { fields?: QueryField[] }
  data?: { values?: unknown[][] }
}

interface QueryResult {
  error?: string
  frames?: QueryFrame[]
}

/** Numbers that JSON does not have come as null; they are left out. */
function readFrame({ schema, data }: QueryFrame): InstantSample[] {
  const fields = schema?.fields ?? []
  return fields.flatMap(({ type, labels = {} }, index) => {
    const last = type === 'number' ? data?.values?.[index]?.at(-1) : undefined
    return typeof last === 'number' ? [{ labels, value: last }] : []
  })
}

function readResult(result: QueryResult | undefined, message: string | undefined): InstantAnswer {
  if (result && !result.error) return { samples: (result.frames ?? []).flatMap(readFrame) }
  return { failure: result?.error ?? message ?? 'no answer' }
}

/** By refId. One that is not answered is a failure. */
export function readQueryAnswer(answer: unknown, refIds: readonly string[]): Map<string, InstantAnswer> {
  const { results = {}, message } = (answer ?? {}) as { results?: Record<string, QueryResult>; message?: string }
  return new Map(refIds.map((refId) => [refId, readResult(results[refId], message)]))
}
