import { AIWatch } from '@aiwatch/sdk'
import { CODE, OUTCOMES, openReader } from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import Anthropic from '@anthropic-ai/sdk'
import { Redis } from 'ioredis'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clients, type Leaving, type MakeCall, STREAMED_CALLS, TIMED_CALLS, UNTIMED_CALLS, WHOLE_CALLS } from './local-model-calls.ts'
import { findLocalModel, type LocalModel, type Meter, meterDifference, readMeter, startLocalModel } from './local-model-server.ts'
import { tapTimings } from './local-model-tap.ts'

const AT_ONCE = 4
/** Three decimals of a millisecond are kept of each call; the meter prints six significant digits. */
const ROUNDING = 1e-4
/** Of the characters of a short JSON body by four, instead of the tokens of its text. */
const INPUT_ERROR = 0.35
const TOKENS_UNTIL_NOTICED = 10
const LEFT_MAX_TOKENS = 60
const ABORTED_MAX_TOKENS = 24
const ABORT_AFTER_MS = 60
const TIMEOUT_MS = 400_000

const found = await findLocalModel()
const missing = 'missing' in found ? found.missing : undefined

let redis: RedisServer
let model: LocalModel
let watch: AIWatch

beforeAll(async () => {
  if ('missing' in found) return
  redis = await startRedis()
  model = await startLocalModel(found)
  watch = new AIWatch({ redis: redis.url, onError: (error) => console.error(error) })
}, TIMEOUT_MS)

afterAll(async () => {
  await watch?.close({ timeoutMs: 1000 })
  await model?.stop()
  await redis?.stop()
})

function createClients(app: string, fetch?: typeof globalThis.fetch): Clients {
  const options = { apiKey: 'local', maxRetries: 0, fetch }
  return {
    openai: watch.wrap(new OpenAI({ ...options, baseURL: `${model.url}/v1` }), { app, provider: 'llama.cpp' }),
    anthropic: watch.wrap(new Anthropic({ ...options, baseURL: model.url }), { app, provider: 'llama.cpp' }),
    model: model.name,
  }
}

/** Makes the calls, four at a time. `makeLeaving` gives what a caller does who goes early. */
async function makeCalls(clients: Clients, calls: readonly MakeCall[], options: { count: number; leave?: (number: number) => Leaving }) {
  let next = 0
  const work = async () => {
    while (next < options.count) {
      const number = next++
      await (calls[number % calls.length] as MakeCall)(clients, Math.floor(number / calls.length), options.leave?.(number))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

interface Counted {
  calls: number
  aborted: number
  inputTokens: number
  cachedTokens: number
  outputTokens: number
  estimatedInputTokens: number
  estimatedOutputTokens: number
  prefillSeconds: number
  decodeSeconds: number
}

/** What Redis holds of an app, after a flush. */
async function readCounted(app: string): Promise<Counted> {
  await watch.flush({ timeoutMs: 10_000 })
  const connection = new Redis(redis.url)
  try {
    const reader = openReader(connection, { tenant: 'default' })
    const [cells, totals] = await Promise.all([reader.cells(), reader.totals()])
    const sum = (code: number) =>
      [...totals].reduce((total, [id, sums]) => total + (cells.get(id)?.app === app ? (sums.get(code) ?? 0) : 0), 0)
    return {
      calls: OUTCOMES.reduce((total, _, index) => total + sum(CODE.callsOk + index), 0),
      aborted: sum(CODE.callsOk + OUTCOMES.indexOf('aborted')),
      inputTokens: sum(CODE.inputTokens),
      cachedTokens: sum(CODE.cacheReadTokens),
      outputTokens: sum(CODE.outputTokens),
      estimatedInputTokens: sum(CODE.estimatedInputTokens),
      estimatedOutputTokens: sum(CODE.estimatedOutputTokens),
      prefillSeconds: sum(CODE.prefillMs) / 1000,
      decodeSeconds: sum(CODE.decodeMs) / 1000,
    }
  } finally {
    connection.disconnect()
  }
}

/** Half leave the loop, half abort. */
function leaveStream(number: number): Leaving {
  const leaving = { maxTokens: LEFT_MAX_TOKENS, atChunk: 3 + (number % 5) }
  if (number % 8 < 4) return leaving
  const controller = new AbortController()
  return { ...leaving, signal: controller.signal, abort: () => controller.abort() }
}

function abortSoon(): Leaving {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), ABORT_AFTER_MS)
  return { maxTokens: ABORTED_MAX_TOKENS, signal: controller.signal }
}

function printDifference(calls: string, counted: Counted, meter: Meter): void {
  const compare = (name: 'inputTokens' | 'outputTokens') => `${counted[name]} estimated, ${meter[name]} on its meter`
  console.log(`${calls}: input ${compare('inputTokens')}; output ${compare('outputTokens')}`)
}

function expectTokensToEqual(counted: Counted, meter: Meter): void {
  const { inputTokens, cachedTokens, outputTokens } = meter
  expect(counted).toMatchObject({ inputTokens, cachedTokens, outputTokens, estimatedInputTokens: 0, estimatedOutputTokens: 0 })
  expect(cachedTokens).toBeGreaterThan(0)
  expect(cachedTokens).toBeLessThan(inputTokens)
}

describe.skipIf(missing)(`a real model on this machine${missing ? ` (not here: ${missing})` : ''}`, () => {
  test(
    '100 finished calls that say how long they took: tokens equal its own meter, times its own replies',
    async () => {
      const before = await readMeter(model.url)
      const tap = tapTimings()
      await makeCalls(createClients('timed', tap.fetch), TIMED_CALLS, { count: 100 })
      const meter = meterDifference(before, await readMeter(model.url))
      const counted = await readCounted('timed')
      expect(counted).toMatchObject({ calls: 100, aborted: 0 })
      expectTokensToEqual(counted, meter)

      const said = await tap.sums()
      expect(said.replies).toBe(100)
      expect(counted.prefillSeconds).toBeCloseTo(said.prefillSeconds, 6)
      expect(counted.decodeSeconds).toBeCloseTo(said.decodeSeconds, 6)
      expect(Math.abs(counted.decodeSeconds / meter.decodeSeconds - 1)).toBeLessThan(ROUNDING)
      // Its counter of prefill time has less than its replies: 0.5 % for one call at a time, 40 % was seen for four at once.
      expect(meter.prefillSeconds).toBeLessThan(counted.prefillSeconds)
    },
    TIMEOUT_MS,
  )

  test(
    '60 finished calls of the other endpoints and of the Anthropic client: tokens equal its own meter',
    async () => {
      const before = await readMeter(model.url)
      await makeCalls(createClients('untimed'), UNTIMED_CALLS, { count: 60 })
      const meter = meterDifference(before, await readMeter(model.url))
      const counted = await readCounted('untimed')
      expect(counted).toMatchObject({ calls: 60, aborted: 0 })
      expectTokensToEqual(counted, meter)
    },
    TIMEOUT_MS,
  )

  test(
    '28 streams left early, by break or by abort: the estimates stay near the meter',
    async () => {
      const before = await readMeter(model.url)
      await makeCalls(createClients('left'), STREAMED_CALLS, { count: 28, leave: leaveStream })
      const meter = meterDifference(before, await readMeter(model.url))
      const counted = await readCounted('left')
      printDifference('28 streams left early', counted, meter)
      const { inputTokens, outputTokens } = counted
      expect(counted).toMatchObject({
        calls: 28,
        aborted: 28,
        estimatedInputTokens: inputTokens,
        estimatedOutputTokens: outputTokens,
        decodeSeconds: 0,
      })
      expect(Math.abs(inputTokens / meter.inputTokens - 1)).toBeLessThan(INPUT_ERROR)
      // The model notices that the caller has gone when it sends the next tokens.
      expect(meter.outputTokens - outputTokens).toBeGreaterThanOrEqual(0)
      expect(meter.outputTokens - outputTokens).toBeLessThanOrEqual(28 * TOKENS_UNTIL_NOTICED)
    },
    TIMEOUT_MS,
  )

  test(
    '12 unstreamed calls aborted: nothing of the answer is counted, the meter has what the model wrote until it noticed',
    async () => {
      const before = await readMeter(model.url)
      const calls = WHOLE_CALLS.map(
        (call): MakeCall =>
          (...all) =>
            expect(call(...all)).rejects.toThrow(/abort/i),
      )
      await makeCalls(createClients('aborted'), calls, { count: 12, leave: abortSoon })
      const meter = meterDifference(before, await readMeter(model.url))
      const counted = await readCounted('aborted')
      printDifference('12 unstreamed calls aborted', counted, meter)
      expect(counted).toMatchObject({ calls: 12, aborted: 12, outputTokens: 0, estimatedInputTokens: counted.inputTokens })
      // A call that was aborted before its turn came is on no meter but ours.
      expect(meter.inputTokens).toBeLessThan(counted.inputTokens * (1 + INPUT_ERROR))
      expect(counted.inputTokens).toBeGreaterThan(0)
      expect(meter.outputTokens).toBeLessThanOrEqual(12 * ABORTED_MAX_TOKENS)
    },
    TIMEOUT_MS,
  )
})
