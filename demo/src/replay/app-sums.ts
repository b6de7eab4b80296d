/** What Redis has counted of an app since the beginning. */
import { CODE, connectRedis, OUTCOMES, openReader, type Sums } from '@aiwatch/store'
import type { TraceSums } from './read-trace.ts'

/** Sums per app over all its models and providers. Rejects when Redis does not answer. */
export async function readAppSums(redisUrl: string, tenant: string, apps: readonly string[]): Promise<Map<string, TraceSums>> {
  const connection = connectRedis(redisUrl, { role: 'reader', setting: 'AIWATCH_REDIS_URL', connectionName: 'aiwatch-replay' })
  try {
    const reader = openReader(connection.client, { tenant })
    const [cells, totals] = await Promise.all([reader.cells(), reader.totals()])
    const sums = new Map(apps.map((app) => [app, { requests: 0, inputTokens: 0, outputTokens: 0 }]))
    for (const [id, codes] of totals) {
      const sum = sums.get(cells.get(id)?.app ?? '')
      if (sum) addCodes(sum, codes)
    }
    return sums
  } finally {
    connection.close()
  }
}

function addCodes(sum: TraceSums, codes: Sums): void {
  for (let outcome = 0; outcome < OUTCOMES.length; outcome++) sum.requests += codes.get(CODE.callsOk + outcome) ?? 0
  sum.inputTokens += codes.get(CODE.inputTokens) ?? 0
  sum.outputTokens += codes.get(CODE.outputTokens) ?? 0
}

/** What was counted between two readings. */
export function subtractSums(later: TraceSums, earlier: TraceSums): TraceSums {
  return {
    requests: later.requests - earlier.requests,
    inputTokens: later.inputTokens - earlier.inputTokens,
    outputTokens: later.outputTokens - earlier.outputTokens,
  }
}
