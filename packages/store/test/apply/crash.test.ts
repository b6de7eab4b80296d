import { readdirSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { applyBatch, type Batch, bucketStart, CODE, countTornWriters, openReader, publishSeries, tenantKeys, toCell } from '@aiwatch/store'
import { hasTimeSeries, type RedisKind, type RedisServer, startRedis, startTcpProxy } from '@aiwatch/test-servers'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { Redis } from 'ioredis'
import { afterEach, expect, test } from 'vitest'
import { counters, emptyBatch, vectorAt } from './batches.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function durableRedis(kind: RedisKind): Promise<RedisServer> {
  const server = await startRedis({ kind, appendonly: true, appendfsync: 'always' })
  cleanups.push(() => server.stop())
  return server
}

function clientOf(port: number): Redis {
  const client = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: 0, enableOfflineQueue: false, retryStrategy: () => 20 })
  client.on('error', () => {})
  cleanups.push(() => client.disconnect())
  return client
}

async function ready(client: Redis): Promise<void> {
  for (let i = 0; i < 500 && client.status !== 'ready'; i++) await new Promise((resolve) => setTimeout(resolve, 10))
}

const CELLS = Array.from({ length: 5 }, (_, n) => toCell('app', 'provider', `model-${n}`))
const TENANT = 'crash'
const keys = tenantKeys(TENANT)

/** `n` calls in each of five cells, each of which took `n` tokens. */
function someCalls(writer: string, sequence: number, n: number): Batch {
  const start = bucketStart(Date.now(), 3600)
  const values = [CODE.callsOk, 1, CODE.inputTokens, n]
  return emptyBatch({
    tenant: TENANT,
    writer,
    sequence,
    cells: CELLS,
    series: CELLS.map((_, cell) => ({ tier: '1h', start, cell, values })),
    totals: CELLS.map((_, cell) => ({ cell, values })),
  })
}

/** Of the published time series of all hours; of the hours where the server has no module. */
async function publishedTotals(client: Redis, kind: RedisKind): Promise<number[]> {
  const published = await publishSeries(client, TENANT, { all: true })
  if (published.refused > 0) throw new Error(`refused: ${published.firstRefusal}`)
  const reader = openReader(client, { tenant: TENANT })
  const now = Date.now() / 1000
  const question = ['1h', [CODE.inputTokens], now - 7200, now] as const
  const found = hasTimeSeries(kind) ? await reader.publishedMetric(...question) : await reader.metric(...question)
  const sumOf = (id: string) => found?.find(({ cell }) => cell === id)?.samples.reduce((sum, { value }) => sum + value, 0) ?? 0
  return CELLS.map(({ id }) => sumOf(id))
}

async function totals(client: Redis): Promise<number[]> {
  return Promise.all(CELLS.map(async ({ id }) => (await vectorAt(client, keys.totals, id))?.[3] ?? 0))
}

/** The append-only file that is written to. */
function appendOnlyFile(dir: string): string {
  const folder = join(dir, 'appendonlydir')
  const name = readdirSync(folder)
    .filter((file) => file.endsWith('.incr.aof'))
    .sort()
    .at(-1) as string
  return join(folder, name)
}

/** Cuts the last transaction of the file after `commands` of its commands. */
function cutLastTransaction(path: string, commands: number): void {
  const text = readFileSync(path, 'latin1')
  const begin = text.lastIndexOf('*1\r\n$5\r\nMULTI\r\n')
  let at = begin
  for (let i = 0; i <= commands; i++) at = text.indexOf('\r\n*', at + 1) + 2
  // In the middle of the command that follows.
  truncateSync(path, at + 9)
}

async function crashTwice(kind: RedisKind, commands: number) {
  const server = await durableRedis(kind)
  let client = clientOf(server.port)
  await ready(client)
  await applyBatch(client, someCalls('gone', 1, 10))
  await applyBatch(client, someCalls('stays', 1, 100))
  await applyBatch(client, someCalls('gone', 2, 1))
  await server.kill()
  cutLastTransaction(appendOnlyFile(server.dir), commands)
  await server.restart()
  await ready(client)
  const afterFirst = await totals(client)
  // Another writer goes on, in cells of its own; then the server is started again.
  await applyBatch(client, emptyBatch({ tenant: TENANT, writer: 'stays', sequence: 2 }))
  client.disconnect()
  await server.kill()
  await server.restart()
  client = clientOf(server.port)
  await ready(client)
  return { client, afterFirst }
}

describeOnEachRedis('crashes', ['redis', 'stack'], (kind) => {
  test('a server killed between applying and answering, again and again: resent batches make exact totals', async () => {
    const server = await durableRedis(kind)
    const proxy = await startTcpProxy({ targetPort: server.port })
    cleanups.push(() => proxy.close())
    const client = clientOf(proxy.port)
    await ready(client)
    const sent = { batches: 0, tokens: 0, duplicates: 0, failures: 0 }
    for (let sequence = 1; sequence <= 40; sequence++) {
      const batch = someCalls('writer', sequence, sequence)
      const isCut = sequence % 10 === 5
      const cut = isCut ? proxy.cutBeforeReply((request) => request.includes('EVALSHA')).then(() => server.kill()) : undefined
      for (;;) {
        await ready(client)
        try {
          const result = await applyBatch(client, batch)
          expect(['applied', 'duplicate']).toContain(result.status)
          if (result.status === 'duplicate') sent.duplicates++
          break
        } catch {
          sent.failures++
          await cut
          if (server.pid === 0) await server.restart()
        }
      }
      sent.tokens += sequence
    }
    expect(sent).toMatchObject({ duplicates: 4 })
    expect(sent.failures).toBeGreaterThanOrEqual(4)
    expect(await totals(client)).toEqual(CELLS.map(() => sent.tokens))
    expect(await publishedTotals(client, kind)).toEqual(CELLS.map(() => sent.tokens))
  })

  test('a server killed at a random moment of a stream of batches: totals equal what was acknowledged after resending', async () => {
    const server = await durableRedis(kind)
    const client = clientOf(server.port)
    await ready(client)
    let tokens = 0
    let kills = 0
    for (let sequence = 1; sequence <= 60; sequence++) {
      const killing =
        sequence % 15 === 0 ? new Promise<void>((done) => setTimeout(() => void server.kill().then(done), Math.random() * 4)) : undefined
      for (;;) {
        try {
          await ready(client)
          await applyBatch(client, someCalls('writer', sequence, sequence))
          // Not awaited: the server is killed in the middle of it, too.
          if (sequence % 3 === 0) publishSeries(client, TENANT, { all: true }).catch(() => {})
          break
        } catch {
          await killing
        }
        if (server.pid === 0) {
          kills++
          await server.restart()
        }
      }
      await killing
      if (server.pid === 0) {
        kills++
        await server.restart()
      }
      tokens += sequence
    }
    expect(kills).toBeGreaterThan(0)
    await ready(client)
    expect(await totals(client)).toEqual(CELLS.map(() => tokens))
    expect(await publishedTotals(client, kind)).toEqual(CELLS.map(() => tokens))
  })

  test('a torn file, started twice while another writer goes on: the half batch is seen as torn, and counted once', async () => {
    // Commands of the transaction: first of the guard, the totals, the series, integrity, last of the guard.
    const { client, afterFirst } = await crashTwice(kind, 2)
    expect(afterFirst).toEqual(CELLS.map(() => 110))
    const isReplayed = (await totals(client))[0] === 111
    // Valkey has a fix: it does not replay the half transaction.
    expect(await countTornWriters(client, TENANT)).toBe(isReplayed ? 1 : 0)
    const answer = await applyBatch(client, someCalls('gone', 2, 1))
    expect(answer).toMatchObject(isReplayed ? { status: 'torn', last: 2 } : { status: 'applied', last: 2 })
    expect(await totals(client)).toEqual(CELLS.map(() => 111))
    expect((await counters(client, keys))['tornWriters'] ?? 0).toBe(isReplayed ? 1 : 0)
    expect(await countTornWriters(client, TENANT)).toBe(0)
    expect(await applyBatch(client, someCalls('gone', 3, 5))).toMatchObject({ status: 'applied', last: 3 })
    expect(await totals(client)).toEqual(CELLS.map(() => 116))
    // Of the half batch the totals were replayed, and not the hours.
    expect(await publishedTotals(client, kind)).toEqual(CELLS.map(() => (isReplayed ? 115 : 116)))
  })

  test('a torn file whose writer resends before the second start changes no total', async () => {
    const server = await durableRedis(kind)
    const client = clientOf(server.port)
    await ready(client)
    await applyBatch(client, someCalls('writer', 1, 10))
    await applyBatch(client, someCalls('writer', 2, 1))
    await server.kill()
    cutLastTransaction(appendOnlyFile(server.dir), 3)
    await server.restart()
    await ready(client)
    expect(await applyBatch(client, someCalls('writer', 2, 1))).toMatchObject({ status: 'applied' })
    expect(await applyBatch(client, someCalls('writer', 3, 5))).toMatchObject({ status: 'applied' })
    await server.kill()
    await server.restart()
    await ready(client)
    expect(await totals(client)).toEqual(CELLS.map(() => 16))
    expect(await publishedTotals(client, kind)).toEqual(CELLS.map(() => 16))
    expect(await applyBatch(client, someCalls('writer', 4, 1))).toMatchObject({ status: 'applied' })
  })
})
