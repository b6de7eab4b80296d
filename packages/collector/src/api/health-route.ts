import type { Route } from './create-app.ts'

export interface Health {
  status: 'ok' | 'unavailable'
  version: string
  uptime_seconds: number
  checks: Record<string, { status: string }>
}

/** 200 while all that is needed works, 503 otherwise; the body says what does not. */
export function healthRoute(check: () => Promise<Health>): Route['handler'] {
  return async (_request, response) => {
    const health = await check()
    response
      .status(health.status === 'ok' ? 200 : 503)
      .set('cache-control', 'no-store')
      .json(health)
  }
}
