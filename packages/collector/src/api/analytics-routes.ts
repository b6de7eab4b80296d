/** Routes of port 8081. */
import type { Analytics } from '../analytics/read-analytics.ts'
import type { IntegrityReport } from '../analytics/read-integrity-report.ts'
import type { Route } from './create-app.ts'
import { type Health, healthRoute } from './health-route.ts'
import { integrityRoute } from './integrity-route.ts'

/** The text format that Prometheus scrapes. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export interface AnalyticsQuestions {
  analytics(): Promise<Analytics>
  metrics(): Promise<string>
  health(): Promise<Health>
  /** With at most so many writers. */
  integrity(writers: number): Promise<IntegrityReport>
}

export function commonRoutes({ metrics, health }: Pick<AnalyticsQuestions, 'metrics' | 'health'>): Route[] {
  return [
    { method: 'GET', path: '/health', summary: 'state of the collector and of what it needs: 200 or 503', handler: healthRoute(health) },
    {
      method: 'GET',
      path: '/metrics',
      summary: 'metrics for Prometheus',
      handler: async (_request, response) => {
        response.set('content-type', METRICS_TYPE).send(await metrics())
      },
    },
  ]
}

export function analyticsRoutes(questions: AnalyticsQuestions): Route[] {
  return [
    {
      method: 'GET',
      path: '/analytics',
      summary: 'active users, token rates, top users, models, latency, errors',
      handler: async (_request, response) => {
        response.set('cache-control', 'no-store').json(await questions.analytics())
      },
    },
    integrityRoute(questions.integrity),
    ...commonRoutes(questions),
  ]
}
