/** Routes of port 8081. */
import type { Route } from './create-app.ts'
import { type Health, healthRoute } from './health-route.ts'
import type { Answer } from './v1/answer-cache.ts'
import type { Replies } from './v1/replies.ts'

/** The text format that Prometheus scrapes. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export interface AnalyticsQuestions {
  /** The JSON of an `Analytics`, shared as the answers of /v1 are. */
  analytics(): Promise<Answer>
  metrics(): Promise<string>
}

export interface CommonQuestions<Questions> {
  of(tenant: string): Questions
  health(): Promise<Health>
  /** What is measured without Redis. */
  ownMetrics(): Promise<string>
}

export function commonRoutes({ of, health, ownMetrics }: CommonQuestions<Pick<AnalyticsQuestions, 'metrics'>>): Route[] {
  return [
    {
      method: 'GET',
      path: '/health',
      summary: 'state of the collector and of what it needs: 200 or 503',
      isOpen: true,
      handler: healthRoute(health),
    },
    {
      method: 'GET',
      path: '/metrics',
      summary: 'metrics for Prometheus',
      whileAway: async (_request, response) => {
        response.set('content-type', METRICS_TYPE).send(await ownMetrics())
      },
      handler: async (_request, response, { tenant }) => {
        response.set('content-type', METRICS_TYPE).send(await of(tenant).metrics())
      },
    },
  ]
}

export function analyticsRoutes(questions: CommonQuestions<AnalyticsQuestions>, replies: Replies): Route[] {
  return [
    {
      method: 'GET',
      path: '/analytics',
      summary: 'active users, token rates, top users, models, latency, errors',
      handler: async (request, response, caller) =>
        replies.send(request, response, await questions.of(caller.tenant).analytics(), { caller, role: 'read' }),
    },
    ...commonRoutes(questions),
  ]
}
