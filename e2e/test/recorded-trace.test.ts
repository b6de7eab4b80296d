import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Collector, startCollector } from '@aiwatch/collector'
import { readAppSums, readTrace, replayTrace, sumTrace, type TraceRow } from '@aiwatch/demo'
import { startSimulator } from '@aiwatch/model-simulator'
import { AIWatch } from '@aiwatch/sdk'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'

/** An hour of production traffic of two services, public as AzureLLMInferenceDataset2023 (Azure/AzurePublicDataset, CC-BY 4.0). */
const TRACES = ['azure-llm-trace-2023-conv.csv', 'azure-llm-trace-2023-code.csv']

/** The folder that holds the traces: AIWATCH_TRACE_DIR, or a folder `data` of something beside this checkout. */
function findTraces(): string | undefined {
  const beside = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
  const candidates = [process.env.AIWATCH_TRACE_DIR, ...readdirSync(beside).map((name) => join(beside, name, 'data'))]
  return candidates.find((folder) => folder && TRACES.every((name) => existsSync(join(folder, name))))
}

interface Service {
  app: string
  rows: TraceRow[]
}

async function queryTokens(collector: Collector, app: string, direction: 'input' | 'output', from: number): Promise<number> {
  const { keys } = (await (await fetch(`${collector.timeseriesUrl}/keys`)).json()) as { keys: { key: string }[] }
  const series = keys.map(({ key }) => key).filter((key) => key.startsWith(`tokens:${direction}:${app}:`))
  let sum = 0
  for (const key of series) {
    const response = await fetch(`${collector.timeseriesUrl}/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key, start_time: new Date(from).toISOString(), end_time: 'now', aggregation: 'sum' }),
    })
    const { data } = (await response.json()) as { data: { value: number }[] }
    sum += data.reduce((total, point) => total + point.value, 0)
  }
  return sum
}

/** Replays, then compares the file's sums with Redis, `/analytics` and `/query`. */
async function expectReplayToBeExact(services: Service[], options: { speed: number; stream: boolean }): Promise<void> {
  const redis: RedisServer = await startRedis()
  const simulator = await startSimulator({ port: 0, speed: 0 })
  const collector = await startCollector({
    redisUrl: redis.url,
    analyticsPort: 0,
    timeseriesPort: 0,
    redisTimeoutMs: 20_000,
    answerCacheMs: 0,
    logLevel: 'silent',
  })
  const watch = new AIWatch({ redis: redis.url })
  const from = Date.now()
  try {
    const result = await replayTrace({
      services: services.map(({ app, rows }) => ({
        app,
        rows,
        client: watch.wrap(new OpenAI({ baseURL: `${simulator.url}/v1`, apiKey: 'sk-replay', maxRetries: 0 }), { app }),
      })),
      ...options,
    })
    for (const service of result.services) expect(service).toMatchObject({ failed: 0, answered: service.asked.requests })
    await watch.flush({ timeoutMs: 30_000 })
    const inRedis = await readAppSums(
      redis.url,
      'default',
      services.map(({ app }) => app),
    )
    const analytics = (await (await fetch(`${collector.analyticsUrl}/analytics`)).json()) as {
      app_usage: Record<string, { total_requests: number; total_input_tokens: number; total_output_tokens: number }>
    }
    for (const { app, rows } of services) {
      const sums = sumTrace(rows)
      expect(inRedis.get(app)).toEqual(sums)
      expect(analytics.app_usage[app]).toMatchObject({
        total_requests: sums.requests,
        total_input_tokens: sums.inputTokens,
        total_output_tokens: sums.outputTokens,
      })
      expect(await queryTokens(collector, app, 'input', from - 60_000)).toBe(sums.inputTokens)
      expect(await queryTokens(collector, app, 'output', from - 60_000)).toBe(sums.outputTokens)
    }
  } finally {
    await watch.close({ timeoutMs: 1000 })
    await collector.close()
    await simulator.close()
    await redis.stop()
  }
}

/** A trace like the recorded ones: bursts, many short and some very long prompts. */
function generateRows(count: number, seed: number): TraceRow[] {
  return Array.from({ length: count }, (_, i) => ({
    atMs: 1_700_000_000_000 + i * 40 + ((i * seed) % 37),
    inputTokens: ((i * 7919 * seed) % 4000) + 1,
    outputTokens: ((i * 104_729 * seed) % 700) + 1,
  }))
}

describe('a replayed trace', () => {
  test.each([false, true])(
    'that is generated, streamed %s: the sums of two services are the same in Redis, /analytics and /query',
    async (stream) => {
      const services = [
        { app: 'conversation', rows: generateRows(400, 3) },
        { app: 'coding', rows: generateRows(200, 5) },
      ]
      await expectReplayToBeExact(services, { speed: 60, stream })
    },
  )

  const folder = findTraces()
  test.skipIf(!folder)(
    `of an hour of production traffic${folder ? '' : ` (skipped: ${TRACES.join(' and ')} are not here; AIWATCH_TRACE_DIR names their folder)`}: every token of 28,185 requests`,
    async () => {
      const rows = await Promise.all(TRACES.map((name) => readTrace(join(folder as string, name))))
      const services = ['conversation', 'coding'].map((app, i) => ({ app, rows: rows[i] as TraceRow[] }))
      expect(sumTrace(services.flatMap((service) => service.rows)).requests).toBe(28_185)
      await expectReplayToBeExact(services, { speed: 60, stream: false })
    },
    300_000,
  )

  test.skipIf(!folder)(
    `of the first of it, streamed${folder ? '' : ` (skipped: ${TRACES.join(' and ')} are not here; AIWATCH_TRACE_DIR names their folder)`}: every token of 4,000 requests`,
    async () => {
      const rows = await Promise.all(TRACES.map((name) => readTrace(join(folder as string, name))))
      const services = ['conversation', 'coding'].map((app, i) => ({ app, rows: (rows[i] as TraceRow[]).slice(0, 2000) }))
      await expectReplayToBeExact(services, { speed: 60, stream: true })
    },
    300_000,
  )
})
