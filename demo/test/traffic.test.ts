import { type Simulator, startSimulator } from '@aiwatch/model-simulator'
import { AIWatch } from '@aiwatch/sdk'
import {
  CODE,
  type Connection,
  callsCode,
  connectRedis,
  OUTCOMES,
  type Outcome,
  openReader,
  type StoreReader,
  type Sums,
  userKey,
} from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runTraffic } from '../src/index.ts'

let redis: RedisServer
let connection: Connection

beforeAll(async () => {
  redis = await startRedis()
  connection = connectRedis(redis.url, { role: 'reader' })
})
afterAll(async () => {
  connection.close()
  await redis.stop()
})

const SPEED = 40
/** Traffic goes on until so many calls are recorded, however long that takes on this machine. */
const ENOUGH_CALLS = 150

function stopWhenEnough(watch: AIWatch): AbortSignal {
  const stop = new AbortController()
  const timer = setInterval(() => {
    if (watch.stats().recorded < ENOUGH_CALLS) return
    clearInterval(timer)
    stop.abort()
  }, 10)
  return stop.signal
}

async function drive(tenant: string, crowd: Parameters<typeof runTraffic>[0]['crowd'], simulator: Simulator) {
  const watch = new AIWatch({ redis: redis.url, tenant })
  const unplanned: unknown[] = []
  const ledger = await runTraffic({
    watch,
    baseURL: `${simulator.url}/v1`,
    crowd: { requestsPerSecond: 2, users: 50, seed: 11, ...crowd },
    speed: SPEED,
    stop: stopWhenEnough(watch),
    onUnplanned: (error) => unplanned.push(error),
  })
  await watch.flush()
  await simulator.idle()
  const stats = watch.stats()
  await watch.close()
  return { ledger, stats, unplanned, reader: openReader(connection.client, { tenant }) }
}

function countOf(models: Map<string, Sums>, ...outcomes: readonly Outcome[]): number {
  let calls = 0
  for (const sums of models.values()) for (const outcome of outcomes) calls += sums.get(callsCode(outcome)) ?? 0
  return calls
}

/** Sums by model over all apps. */
async function sumsByModel(reader: StoreReader): Promise<Map<string, Sums>> {
  const [cells, totals] = await Promise.all([reader.cells(), reader.totals()])
  const models = new Map<string, Sums>()
  for (const [id, codes] of totals) {
    const model = cells.get(id)?.model ?? '?'
    const sums = models.get(model) ?? new Map<number, number>()
    for (const [code, value] of codes) sums.set(code, (sums.get(code) ?? 0) + value)
    models.set(model, sums)
  }
  return models
}

test('of a crowd that always reads to the end, Redis holds the totals of the plan, by user and in all', async () => {
  const simulator = await startSimulator({ speed: SPEED })
  const { ledger, stats, unplanned, reader } = await drive(
    'plan',
    { leaverShare: 0, faults: { content_filter: 0.02, 400: 0.02 }, retriedShare: 0.05 },
    simulator,
  )
  await simulator.close()
  expect(unplanned).toEqual([])
  expect(ledger.total.calls).toBeGreaterThan(100)
  expect(stats).toMatchObject({ recorded: ledger.total.calls, buffered: 0, dropped: 0 })
  const names = [...ledger.users.keys()]
  const users = await reader.users(names.map(userKey))
  const counted = users.map((user) => user && { calls: user.calls, input: user.inputTokens, output: user.outputTokens })
  expect(counted).toEqual(
    [...ledger.users.values()].map(({ calls, inputTokens, outputTokens }) => ({ calls, input: inputTokens, output: outputTokens })),
  )
})

test('of a crowd whose calls break, what was reported is what the simulator sent, by model', async () => {
  const simulator = await startSimulator({ speed: SPEED })
  const faults = { 500: 0.01, context_length: 0.02, cut: 0.03, stream_error: 0.03, content_filter: 0.02 }
  const { ledger, stats, unplanned, reader } = await drive('broken', { leaverShare: 0, faults }, simulator)
  const sent = simulator.ledger.snapshot().models
  await simulator.close()
  expect(unplanned).toEqual([])
  expect(stats.recorded).toBe(ledger.total.calls)
  const models = await sumsByModel(reader)
  const value = (model: string, code: number) => models.get(model)?.get(code) ?? 0
  for (const [model, { inputTokens, outputTokens, cachedTokens, reasoningTokens }] of Object.entries(sent)) {
    expect({
      model,
      inputTokens: value(model, CODE.inputTokens) - value(model, CODE.estimatedInputTokens),
      outputTokens: value(model, CODE.outputTokens) - value(model, CODE.estimatedOutputTokens),
      cachedTokens: value(model, CODE.cacheReadTokens),
      reasoningTokens: value(model, CODE.reasoningTokens),
    }).toEqual({ model, inputTokens, outputTokens, cachedTokens, reasoningTokens })
  }
  expect(countOf(models, ...OUTCOMES)).toBe(ledger.total.calls)
})

test('of a crowd that leaves, each call is counted once; those left before the end are aborted and estimated', async () => {
  const simulator = await startSimulator({ speed: SPEED })
  const { ledger, reader } = await drive('leaving', { leaverShare: 0.4, faults: {}, retriedShare: 0 }, simulator)
  await simulator.close()
  const models = await sumsByModel(reader)
  const aborted = countOf(models, 'aborted')
  expect(countOf(models, 'ok') + aborted).toBe(ledger.total.calls)
  // Of a short answer everything may have arrived when the person leaves: that is an answer.
  expect(aborted).toBeGreaterThan(0)
  expect(aborted).toBeLessThanOrEqual(ledger.total.left)
  const estimated = [...models.values()].reduce((sum, sums) => sum + (sums.get(CODE.estimatedOutputTokens) ?? 0), 0)
  expect(estimated).toBeGreaterThan(0)
})
