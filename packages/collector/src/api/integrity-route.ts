/** `GET /v1/integrity` of port 8081. */
import { MAX_WRITERS_LISTED } from '@aiwatch/store'
import type { IntegrityReport } from '../analytics/read-integrity-report.ts'
import { invalid, shorten } from '../errors.ts'
import type { Route } from './create-app.ts'

const DEFAULT_WRITERS = 100

function parseLimit(query: Record<string, unknown>): number {
  for (const name of Object.keys(query)) if (name !== 'writers') throw invalid(shorten(name, 80), 'unknown parameter: there is writers')
  const { writers } = query
  if (writers === undefined) return DEFAULT_WRITERS
  const limit = typeof writers === 'string' && /^\d{1,9}$/.test(writers) ? Number(writers) : 0
  if (limit < 1 || limit > MAX_WRITERS_LISTED) {
    throw invalid('writers', `must be an integer from 1 to ${MAX_WRITERS_LISTED}, got ${shorten(JSON.stringify(writers), 80)}`)
  }
  return limit
}

/** `integrity` answers with at most so many writers. */
export function integrityRoute(integrity: (writers: number) => Promise<IntegrityReport>): Route {
  return {
    method: 'GET',
    path: '/v1/integrity',
    summary: 'what was applied, refused, late and lost, in all and by writer; ?writers=100',
    handler: async (request, response) => {
      response.set('cache-control', 'no-store').json(await integrity(parseLimit(request.query)))
    },
  }
}
