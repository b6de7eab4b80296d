/** Calls of a day, the same at each run, with every figure that the answers of /v1 tell. */
import { isError, type Outcome } from '@aiwatch/store'
import { type TestCall, testCall } from '../write-calls.ts'

const MINUTE = 60_000

/** A repeatable sequence of numbers in [0, 1). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

/** Two thirds of them within the last hour, the others up to 20 hours old. */
export function exampleCalls(count: number, nowMs: number): TestCall[] {
  const random = randomFrom(11)
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item
  return Array.from({ length: count }, (_, index) => {
    const user = index % 10 === 9 ? undefined : pick(['ada', 'grace', 'edsger', 'Barbara Liskov', 'user-5', 'user-6'])
    const outcome = pick<Outcome>(['ok', 'ok', 'ok', 'ok', 'aborted', 'rate_limit', 'timeout'])
    const failed = isError(outcome)
    return testCall({
      endedMs: Math.floor(nowMs - (random() < 0.66 ? random() * 55 : 60 + random() * 1140) * MINUTE),
      app: pick(['shop', 'search']),
      provider: pick(['openai', 'azure']),
      model: pick(['gpt-4o', 'gpt-4o-mini', 'meta/llama 3']),
      ...(user === undefined ? {} : { user, session: pick(['s1', 's2', 's3']) }),
      outcome,
      inputTokens: Math.floor(random() * 5000),
      outputTokens: failed ? 0 : Math.floor(1 + random() * 900),
      durationMs: Math.floor(50 + random() ** 3 * 40_000),
      costNanoUsd: random() < 0.1 ? null : Math.floor(1 + random() * 1e7),
      ...(failed
        ? {}
        : {
            firstTokenMs: 20 + Math.floor(random() * 900),
            perOutputTokenMs: 5 + random() * 40,
            generationMs: 100 + Math.floor(random() * 2000),
          }),
      prefillMs: Math.floor(random() * 40),
      decodeMs: Math.floor(random() * 400),
      tags: random() < 0.5 ? { feature: pick(['chat', 'summary']), team: 'red' } : { feature: 'chat' },
      cacheReadTokens: Math.floor(random() * 100),
      cacheSavedNanoUsd: Math.floor(random() * 1e5),
      wastedNanoUsd: random() < 0.2 ? 5000 : 0,
      wastedAttempts: random() < 0.2 ? 1 : 0,
    })
  })
}

export const sumOf = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
export const tokensOf = (call: TestCall) => call.inputTokens + call.outputTokens
export const usdOf = (calls: readonly TestCall[]) => sumOf(calls.map((call) => call.costNanoUsd ?? 0)) / 1e9
