import { bucketStart, CODE, openReader, packVector, tenantKeys, toCell, userKey, unpackVector } from '@aiwatch/store'
import { decode } from '@msgpack/msgpack'
import { test } from 'vitest'
import { openTestStore } from '../read/open-store.ts'
test('bench', async () => {
  const store = await openTestStore()
  const keys = tenantKeys('default')
  const now = Math.floor(Date.now() / 1000)
  const cells = Array.from({ length: 20 }, (_, i) => toCell('app', 'v', `m${i}`))
  const vec = [1, 500, 2, 3, 6, 7, 20, 123456, 21, 45678, 22, 1234, 24, 555, 27, 987654321, 28, 1234567, 33, 123456.789, 34, 4567.125, 35, 99887.5]
  const packed = packVector(vec)
  let t = performance.now()
  for (let i = 0; i < 200000; i++) unpackVector(packed)
  console.log('unpack ns', ((performance.now() - t) / 200000) * 1e6)
  t = performance.now()
  for (let i = 0; i < 50000; i++) decode(packed)
  console.log('msgpack lib ns', ((performance.now() - t) / 50000) * 1e6)
  const p = store.redis.pipeline()
  const fields = cells.flatMap((c) => [c.id, packed])
  for (let s = 0; s < 24 * 3600; s += 10) p.hset(keys.series('10s', bucketStart((now - s) * 1000, 10)), ...fields)
  for (let s = 0; s < 24 * 3600; s += 60) p.hset(keys.series('1m', bucketStart((now - s) * 1000, 60)), ...fields)
  for (let h = 0; h < 25; h++) {
    p.hset(keys.series('1h', bucketStart((now - h * 3600) * 1000, 3600)), ...fields)
    p.zadd(keys.board('user_tokens', bucketStart((now - h * 3600) * 1000, 3600)), ...Array.from({ length: 1000 }, (_, i) => [Math.floor(1e6 / (i + 1) * (1 + Math.random())), userKey(`u${i}`)]).flat())
  }
  for (let i = 0; i < 1000; i++) p.hset(keys.user(userKey(`u${i}`)), 'n', `u${i}`, 't', packed)
  p.hset(keys.totals, ...fields); p.hset(keys.cells, ...cells.flatMap((c) => [c.id, JSON.stringify([c.app, c.provider, c.model])]))
  for (let s = 0; s < 900; s += 10) p.hset(keys.sketch('10s', bucketStart((now - s) * 1000, 10)), 'l:all', packVector(Array.from({ length: 160 }, (_, i) => i % 2 ? 5 : 100 + i)))
  await p.exec()
  const reader = openReader(store.redis, { tenant: 'default' })
  const time = async (name: string, f: () => Promise<unknown>, n = 30) => {
    const first = performance.now(); await f(); const firstMs = performance.now() - first
    const cpu0 = await store.server.cpuSeconds()
    const a = performance.now(); for (let i = 0; i < n; i++) await f()
    const ms = (performance.now() - a) / n
    console.log(name.padEnd(24), 'first', firstMs.toFixed(2), 'ms, then', ms.toFixed(2), 'ms; server', (((await store.server.cpuSeconds()) - cpu0) / n * 1e6).toFixed(0), 'us')
  }
  await time('totals+cells', () => Promise.all([reader.totals(), reader.cells()]))
  await time('sums 24h', () => reader.sums(now - 86000, now))
  await time('sums 5m', () => reader.sums(now - 300, now))
  await time('buckets 5m', () => reader.buckets('10s', now - 300, now))
  await time('sketch 5m', () => reader.sketch('10s', 'latency', now - 300, now + 10))
  await time('topUsers', () => reader.topUsers('user_tokens', now - 86400, now, 10))
  await time('active', () => reader.active([300000, 900000, 3600000, 86400000]))
  await time('cellBuckets 24h 10s', () => reader.cellBuckets('10s', cells[3].id, now - 86400, now), 5)
  await time('buckets 24h 1m', () => reader.buckets('1m', now - 86400, now), 5)
  await time('buckets 24h 10s', () => reader.buckets('10s', now - 86400, now), 3)
  await time('all', () => Promise.all([reader.totals(), reader.cells(), reader.sums(now - 86000, now), reader.sums(now - 300, now), reader.buckets('10s', now - 70, now), reader.sketch('10s', 'latency', now - 300, now + 10), reader.topUsers('user_tokens', now - 86400, now, 10), reader.active([300000, 900000, 3600000, 86400000]), reader.errors()]))
  console.log('heap', process.memoryUsage().heapUsed / 1e6)
  await store.close()
}, 120000)
