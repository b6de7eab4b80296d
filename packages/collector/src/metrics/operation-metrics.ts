/** What this process itself does: its store operations, and the figures that prom-client has of a Node process. */
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** Upper bounds of histograms of times, in seconds. */
export const TIME_BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

export interface OperationMetrics {
  readonly registry: Registry
  /** Runs the operation and counts it, with its time, under this name. */
  measure<Answer>(operation: string, run: () => Promise<Answer>): Promise<Answer>
}

export function createOperationMetrics(): OperationMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const operations = new Counter({
    name: 'redis_timeseries_operations_total',
    help: 'Store operations of this collector.',
    labelNames: ['operation', 'status'],
    registers: [registry],
  })
  const durations = new Histogram({
    name: 'redis_timeseries_operation_duration_seconds',
    help: 'Time of the store operations of this collector.',
    labelNames: ['operation'],
    buckets: TIME_BUCKETS_SECONDS,
    registers: [registry],
  })
  return {
    registry,
    async measure(operation, run) {
      const stop = durations.startTimer({ operation })
      try {
        const answer = await run()
        operations.inc({ operation, status: 'success' })
        return answer
      } catch (error) {
        operations.inc({ operation, status: 'error' })
        throw error
      } finally {
        stop()
      }
    },
  }
}
