import type { Exposition } from '../analytics/read-exposition.ts'
import { QuestionError } from '../errors.ts'
import type { Log } from '../log.ts'
import { checkRedis } from '../redis/check-redis.ts'
import type { RedisConnection } from '../redis/redis-connection.ts'
import { renderFamilies } from './family.ts'
import type { OperationMetrics } from './operation-metrics.ts'
import { redisFamilies, redisUpFamily } from './redis-families.ts'
import { tokenFamilies } from './token-families.ts'

export interface MetricsSources {
  log: Log
  connection: RedisConnection
  operations: OperationMetrics
  readExposition(): Promise<Exposition>
}

/** The text of `/metrics`. While Redis is away it holds the metrics of the process, and a gauge that says why the others are missing. */
export async function renderMetrics({ log, connection, operations, readExposition }: MetricsSources): Promise<string> {
  const [state, exposition] = await Promise.all([checkRedis(connection), readExposition().catch((error: Error) => error)])
  const away = exposition instanceof Error
  if (away && !(exposition instanceof QuestionError)) log.error('metrics could not be read', { error: exposition.stack })
  // Figures that could not be read are not there; they are never 0.
  const check = away && state.check.status === 'up' ? { ...state.check, status: 'down' as const, error: exposition.message } : state.check
  const families = [redisUpFamily({ check }), ...redisFamilies(state), ...(away ? [] : tokenFamilies(exposition))]
  return renderFamilies(families, operations.registry)
}
