import { statSync, truncateSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Simulator, startSimulator } from '@aiwatch/model-simulator'
import { AIWatch } from '@aiwatch/sdk'
import { hasTimeSeries, type RedisKind, type RedisServer, startRedis, startTcpProxy, type TcpProxy } from '@aiwatch/test-servers'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import OpenAI from 'openai'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Ledger, readTallies, sorted } from './ledger.ts'

const MODELS = ['gpt-4o-mini', 'gpt-4.1', 'gpt-4o', 'o4-mini']
const USERS = Array.from({ length: 40 }, (_, i) => `user-${i}`)
const TIMEOUT_MS = 240_000
/** Two kinds are put through all of it; the others through one crash each, to keep the run short. */
const CALLS: Record<RedisKind, number> = { stack: 4000, redis: 2000, 'redis+timeseries': 600, valkey: 600 }

let simulator: Simulator
let redis: RedisServer
let proxy: TcpProxy
const writers: AIWatch[] = []

beforeEach(async () => {
  simulator = await startSimulator({ port: 0, speed: 0 })
})

afterEach(async () => {
  await Promise.all(writers.splice(0).map((watch) => watch.close({ timeoutMs: 100 })))
  await proxy?.close()
  await redis?.stop()
  await simulator.close()
})

async function startStore(options: Parameters<typeof startRedis>[0]) {
  redis = await startRedis(options)
  proxy = await startTcpProxy({ targetPort: redis.port })
}

function startWriter(app: string) {
  const watch = new AIWatch({ redis: `redis://127.0.0.1:${proxy.port}`, app, flushIntervalMs: 100, onError: () => {} })
  writers.push(watch)
  const client = watch.wrap(new OpenAI({ baseURL: `${simulator.url}/v1`, apiKey: 'sk-test', maxRetries: 0 }))
  return { watch, client }
}

/** One call of known size, streamed or not, entered in the ledger as the simulator is told to answer it. */
async function makeCall(writer: ReturnType<typeof startWriter>, number: number, ledger: Ledger): Promise<void> {
  const model = MODELS[number % MODELS.length] as string
  const user = USERS[number % USERS.length] as string
  const inputTokens = 10 + (number % 97)
  const outputTokens = 1 + (number % 23)
  const headers = { 'x-simulate-input-tokens': String(inputTokens), 'x-simulate-output-tokens': String(outputTokens) }
  const messages = [{ role: 'user' as const, content: 'hello' }]
  const answered = await writer.watch.with({ user, session: `s${number % 5}` }, async () => {
    if (number % 3 !== 0) return (await writer.client.chat.completions.create({ model, messages }, { headers })).model
    let named = ''
    for await (const chunk of await writer.client.chat.completions.create({ model, messages, stream: true }, { headers }))
      named = chunk.model
    return named
  })
  ledger.add(answered, user, inputTokens, outputTokens)
}

async function makeCalls(writer: ReturnType<typeof startWriter>, numbers: { from: number; to: number }, ledger: Ledger): Promise<void> {
  let next = numbers.from
  const work = async () => {
    while (next < numbers.to) await makeCall(writer, next++, ledger)
  }
  await Promise.all(Array.from({ length: 8 }, work))
}

async function expectRedisToEqual(ledger: Ledger, kind: RedisKind): Promise<void> {
  const kept = await readTallies(redis.url, USERS)
  expect(sorted(kept.models)).toEqual(sorted(ledger.models))
  expect(sorted(kept.users)).toEqual(sorted(ledger.users))
  for (const [tier, models] of Object.entries(kept.tiers)) expect([tier, sorted(models)]).toEqual([tier, sorted(ledger.models)])
  expect(kept.published !== undefined).toBe(hasTimeSeries(kind))
  const inputTokens = sorted(ledger.models).map(([model, tally]) => [model, tally.inputTokens])
  for (const [tier, models] of Object.entries(kept.published ?? {})) expect([tier, sorted(models)]).toEqual([tier, inputTokens])
}

/** By the key of a writer's guard: a connection also runs the script that publishes time series. */
const isFlush = (request: Buffer) => request.includes('EVAL') && request.includes('aiw:{default}:w:')

async function appendOnlyFile(): Promise<string> {
  const folder = join(redis.dir, 'appendonlydir')
  const name = (await readdir(folder)).find((file) => file.endsWith('.incr.aof'))
  return join(folder, name as string)
}

describeOnEachRedis('exactness', (kind) => {
  const callCount = CALLS[kind]
  const isFull = callCount > 600
  const killCount = isFull ? 5 : 1

  test(
    `two writers, ${callCount} calls, Redis killed ${killCount} times and connections cut in mid-flush: totals, series and users equal the ledger`,
    async () => {
      await startStore({ kind, appendonly: true, appendfsync: 'everysec' })
      const alpha = startWriter('alpha')
      const beta = startWriter('beta')
      const ledger = new Ledger()
      let isDone = false
      const chaos = async () => {
        for (let round = 0; round < killCount || !isDone; round++) {
          if (round < killCount) {
            await redis.kill()
            await sleep(200)
            await redis.restart()
          }
          await sleep(150)
          proxy.cut()
          await sleep(150)
          proxy.cutAfterClientBytes(700 + round * 400)
          await sleep(150)
          void proxy.cutBeforeReply(isFlush)
          await sleep(150)
        }
      }
      const work = Promise.all([
        makeCalls(alpha, { from: 0, to: callCount / 2 }, ledger),
        makeCalls(beta, { from: callCount / 2, to: callCount }, ledger),
      ]).finally(() => {
        isDone = true
      })
      await Promise.all([work, chaos()])
      await alpha.watch.flush({ timeoutMs: 30_000 })
      await beta.watch.flush({ timeoutMs: 30_000 })
      await expectRedisToEqual(ledger, kind)
      for (const { watch } of [alpha, beta]) {
        expect(watch.stats()).toMatchObject({
          recorded: callCount / 2,
          flushed: callCount / 2,
          buffered: 0,
          dropped: 0,
          lostCalls: 0,
          openCalls: 0,
        })
      }
      expect(alpha.watch.stats().resent + beta.watch.stats().resent).toBeGreaterThan(0)
    },
    TIMEOUT_MS,
  )

  test(
    'a server killed between applying a flush and answering it: sent again, answered as applied, counted once',
    async () => {
      await startStore({ kind, appendonly: true, appendfsync: 'always' })
      const writer = startWriter('alpha')
      const ledger = new Ledger()
      for (let round = 0; round < (isFull ? 4 : 1); round++) {
        // A server that has just started does not know the script: the first flush is refused, and applied when sent whole.
        await makeCalls(writer, { from: round * 100, to: round * 100 + 10 }, ledger)
        await writer.watch.flush({ timeoutMs: 20_000 })
        const lost = proxy.cutBeforeReply(isFlush)
        await makeCalls(writer, { from: round * 100 + 10, to: (round + 1) * 100 }, ledger)
        await lost
        await redis.kill()
        const held = writer.watch.stats()
        expect(held.buffered).toBeGreaterThan(0)
        await redis.restart()
        await writer.watch.flush({ timeoutMs: 20_000 })
      }
      await expectRedisToEqual(ledger, kind)
      expect(writer.watch.stats().duplicates).toBeGreaterThanOrEqual(isFull ? 4 : 1)
    },
    TIMEOUT_MS,
  )

  test(
    'a server that comes back without batches that it had acknowledged: the gap is answered and filled, nothing twice, nothing left out',
    async () => {
      await startStore({ kind, appendonly: true, appendfsync: 'always' })
      const alpha = startWriter('alpha')
      const beta = startWriter('beta')
      const ledger = new Ledger()
      await makeCalls(alpha, { from: 0, to: 200 }, ledger)
      await alpha.watch.flush()
      const file = await appendOnlyFile()
      const size = statSync(file).size
      // Acknowledged, and then lost with the end of the file, as when a machine loses power before it has synced.
      await makeCalls(alpha, { from: 200, to: 260 }, ledger)
      await alpha.watch.flush()
      await makeCalls(beta, { from: 260, to: 300 }, ledger)
      await beta.watch.flush()
      await redis.kill()
      truncateSync(file, size)
      await redis.restart()
      await makeCalls(alpha, { from: 300, to: 340 }, ledger)
      await makeCalls(beta, { from: 340, to: 380 }, ledger)
      await alpha.watch.flush({ timeoutMs: 20_000 })
      await beta.watch.flush({ timeoutMs: 20_000 })
      await expectRedisToEqual(ledger, kind)
      expect(alpha.watch.stats()).toMatchObject({ lostCalls: 0 })
      expect(alpha.watch.stats().gaps + beta.watch.stats().gaps).toBeGreaterThan(0)
    },
    TIMEOUT_MS,
  )
})
