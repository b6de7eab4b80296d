/** Calls as an organisation makes them: models and users by Zipf, latencies lognormal, some errors. Seeded. */
import { seededRandom } from './statistics.ts'

export interface WorkloadCall {
  model: string
  user: string
  session: string
  inputTokens: number
  outputTokens: number
  cacheReadTokens: number
  durationMs: number
  timeToFirstTokenMs: number
  costNanoUsd: number
  isError: boolean
}

function zipfCumulative(count: number): number[] {
  let sum = 0
  const cumulative = Array.from({ length: count }, (_, rank) => (sum += 1 / (rank + 1)))
  return cumulative.map((value) => value / sum)
}

function pick(cumulative: number[], random: number): number {
  let low = 0
  let high = cumulative.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((cumulative[middle] as number) < random) low = middle + 1
    else high = middle
  }
  return low
}

/** A function that makes the next call. Defaults: 20 models, 1,000 users, Zipf exponent 1. */
export function createWorkload({ models = 20, users = 1000, seed = 1 } = {}): () => WorkloadCall {
  const random = seededRandom(seed)
  const modelShares = zipfCumulative(models)
  const userShares = zipfCumulative(users)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return () => {
    const model = pick(modelShares, random())
    const user = pick(userShares, random())
    const inputTokens = Math.round(Math.exp(6.5 + 0.8 * normal()))
    const outputTokens = Math.round(Math.exp(5 + 0.7 * normal()))
    const durationMs = Math.exp(7 + 0.6 * normal())
    return {
      model: `model-${model}`,
      user: `user-${user}`,
      session: `session-${user % 7}`,
      inputTokens,
      outputTokens,
      cacheReadTokens: random() < 0.3 ? inputTokens >> 1 : 0,
      durationMs: Math.round(durationMs),
      timeToFirstTokenMs: Math.round(durationMs / 5),
      costNanoUsd: inputTokens * 150 + outputTokens * 600,
      isError: random() < 0.02,
    }
  }
}
