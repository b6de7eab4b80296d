/** HTTP requests to this process, by OpenTelemetry's name for their time: `http.server.request.duration`, as Prometheus spells it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Histogram, type Registry } from 'prom-client'
import { TIME_BUCKETS_SECONDS } from './operation-metrics.ts'

/** Of requests to paths that are not in the list of routes: their number must not depend on what is asked for. */
const UNKNOWN_ROUTE = 'unknown'

/** `routeOf`: the pattern of the request's route; asked when the request has ended, undefined where no route took it. */
export type MeasureRequest = (request: IncomingMessage, response: ServerResponse, routeOf: () => string | undefined) => void

/** Counts each request with its time, in seconds, until the answer was sent or the client left; `/v1/stream` lasts as long as its listener. */
export function measureRequests(registry: Registry): MeasureRequest {
  const durations = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Time of HTTP requests to this collector.',
    labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
    buckets: TIME_BUCKETS_SECONDS,
    registers: [registry],
  })
  // To find the series by its labels takes longer than to count.
  const known = new Map<string, { observe(seconds: number): void }>()
  const seriesOf = (method: string, route: string, status: number) => {
    const key = `${method} ${status} ${route}`
    let series = known.get(key)
    if (!series) {
      series = durations.labels({ http_request_method: method, http_route: route, http_response_status_code: status })
      known.set(key, series)
    }
    return series
  }
  return (request, response, routeOf) => {
    const start = performance.now()
    response.once('close', () => {
      seriesOf(request.method ?? '', routeOf() ?? UNKNOWN_ROUTE, response.statusCode).observe((performance.now() - start) / 1000)
    })
  }
}
