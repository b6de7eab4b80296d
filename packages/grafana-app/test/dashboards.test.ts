/** Every query of every panel of the dashboards on the AIWatch data source, through its logic, on a real collector with real calls. */
import { type Collector, startCollector } from '@aiwatch/collector'
import type { Catalog, QueryReply, SystemState } from '@aiwatch/collector/contract'
import { DASHBOARDS, type AIWatchTarget as Target } from '@aiwatch/provisioning/dashboards'
import { AIWatch } from '@aiwatch/sdk'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { waitUntil } from '@aiwatch/test-servers/monitoring'
import { firstValueFrom, from } from 'rxjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AnswerClient } from '../src/data/answer-client.ts'
import type { Frame } from '../src/data/frames/frame.ts'
import { answerFrames, answerQuestion, checkAnswerQuery } from '../src/datasource/ask-answer.ts'
import { checkMetricQuery, metricFrames, metricQuestion } from '../src/datasource/ask-metric.ts'
import { findNames } from '../src/datasource/find-names.ts'
import { ALL } from '../src/datasource/interpolate.ts'
import type { AnswerQuery, MetricQuery } from '../src/datasource/query.ts'

const OURS = DASHBOARDS.filter(({ source }) => source === 'aiwatch')
const PANELS = OURS.flatMap(({ title, sections }) =>
  sections.flatMap(({ panels }) => panels.map((panel) => [title, panel.title, panel] as const)),
)
const VARIABLES = OURS.flatMap(({ title, variables }) => variables.map(({ name, query }) => [title, name, query] as const))

let redis: RedisServer
let collector: Collector
let client: AnswerClient
let catalog: Catalog

async function send(request: { method: string; url: string; data?: unknown }): Promise<{ data: unknown }> {
  const headers = { 'content-type': 'application/json' }
  const body = request.data ? JSON.stringify(request.data) : undefined
  const response = await fetch(`${collector.analyticsUrl}${request.url.replace('/proxy/api', '')}`, {
    method: request.method,
    headers,
    body,
  })
  const data: unknown = await response.json()
  if (!response.ok) throw { status: response.status, data }
  return { data }
}

async function record(): Promise<void> {
  const watch = new AIWatch({ redis: redis.url, app: 'shop' })
  const call = { provider: 'openai', model: 'gpt-4o', durationMs: 900, timeToFirstTokenMs: 200, stream: true }
  await watch.with({ user: 'ada', session: 's1', tags: { team: 'search' } }, async () => {
    for (let index = 0; index < 20; index++)
      watch.record({
        ...call,
        usage: { inputTokens: 100, outputTokens: 20, cacheReadTokens: 50, cacheWriteTokens: 10, reasoningTokens: 5 },
      })
    watch.record({ ...call, outcome: 'rate_limit', usage: { inputTokens: 0, outputTokens: 0 } })
    watch.record({ ...call, model: 'of-no-known-price', usage: { inputTokens: 100, outputTokens: 20 } })
  })
  await watch.flush()
  await watch.close()
}

beforeAll(async () => {
  redis = await startRedis()
  collector = await startCollector({ redisUrl: redis.url, analyticsPort: 0, timeseriesPort: 0, sampler: true, logLevel: 'silent' })
  client = new AnswerClient('/proxy', (request) => from(send(request)))
  await record()
  catalog = await firstValueFrom(client.ask<Catalog>({ path: 'catalog' }))
  // What is sampled comes with the next half minute.
  await waitUntil(
    () => firstValueFrom(client.ask<SystemState>({ path: 'system' })),
    ({ sampler }) => sampler.last_slot !== null,
    60_000,
  )
}, 120_000)

afterAll(async () => {
  await collector?.close()
  await redis?.stop()
})

/** As Grafana fills them in where everything is chosen. */
const allChosen = (text: string, _scopedVars: unknown, format: (value: string) => string) =>
  text.replace(/^\$(app|provider|model)$/, () => format(ALL))

async function ask(target: Target, range: { from: string; to: string }): Promise<Frame[]> {
  if (target.kind === 'answer') {
    const query = { refId: 'A', ...target } as AnswerQuery
    expect(checkAnswerQuery(query)).toBeUndefined()
    return answerFrames(query, await firstValueFrom(client.ask(answerQuestion(query, range, allChosen as never, {}))))
  }
  const query = { refId: 'A', ...target } as unknown as MetricQuery
  expect(checkMetricQuery(query, catalog)).toBeUndefined()
  const question = metricQuestion({ query, range, intervalMs: 10_000, replace: allChosen as never, scopedVars: {} })
  return metricFrames(query, await firstValueFrom(client.ask<QueryReply>(question)))
}

const isValue = (value: unknown) => value !== null && value !== undefined

test.each(PANELS)('%s: "%s" has values', async (_, __, { targets, timeFrom, overrides = [], options }) => {
  const range = { from: `now-${timeFrom ?? '1h'}`, to: 'now' }
  const names = new Set<string>()
  for (const target of targets) {
    const frames = await ask(target as Target, range)
    const columns = frames.flatMap(({ fields }) => fields)
    const filled = columns.filter(({ type, values }) => type !== 'time' && values.some(isValue))
    expect(filled.map(({ name }) => name)).not.toEqual([])
    // A column that does not exist is left out without a word: every one that is named must be there.
    if (target.kind === 'answer') for (const field of target.fields ?? []) expect(columns.map(({ name }) => name)).toContain(field)
    for (const { name } of columns) names.add(name)
  }
  // What a panel changes or draws, it names as the column is called, not as people read it in their language.
  for (const { matcher } of overrides) if (matcher.id === 'byName') expect([...names]).toContain(matcher.options)
  if (options['xField'] !== undefined) expect([...names]).toContain(options['xField'])
})

test.each(VARIABLES)('%s: the variable %s has values', async (_, __, query) => {
  expect(await findNames(query, client)).not.toEqual([])
})
