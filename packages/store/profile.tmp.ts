import { applyBatch, splitBatch } from '@aiwatch/store'
import { startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { Rollup } from '../sdk/src/rollup/rollup.ts'
import { createWorkload } from '../../benchmarks/src/measure/workload.ts'
const rates = (process.env.RATES ?? '10,100,1000,10000').split(',').map(Number)
const SECONDS = 60
const detail = !!process.env.DETAIL
for (const rate of rates) {
  const opt = { appendonly: !process.env.NOAOF, config: { 'auto-aof-rewrite-percentage': 0 } }
  const [ours, naive] = await Promise.all([startRedis(opt), startRedis(opt)])
  const r = new Redis(ours.url), n = new Redis(naive.url)
  const rollup = new Rollup({ maxBytes: 1 << 28 })
  const next = createWorkload(); let seq = 0, id = 0
  const usec = async () => Number((await r.info('commandstats')).match(/cmdstat_evalsha:calls=\d+,usec=(\d+)/)?.[1] ?? 0)
  const perLevel: Record<string, { us: number; scripts: number; flushes: number; js: number }> = {}
  const run = async (seconds: number) => {
    for (let s = 1; s <= seconds; s++) {
      const pipe = n.pipeline(); const now = Date.now()
      for (let i = 0; i < rate; i++) {
        const c = next()
        rollup.add({ id: 'c' + id++, startedAt: now - c.durationMs, app: 'bench', provider: 'openai', model: c.model, requestModel: c.model, operation: 'chat', stream: true, user: c.user, session: c.session, tags: {},
          usage: { inputTokens: c.inputTokens, outputTokens: c.outputTokens, cacheReadTokens: c.cacheReadTokens, cacheWriteTokens: 0, reasoningTokens: 0, source: 'reported' }, costNanoUsd: c.costNanoUsd, cacheSavedNanoUsd: 0,
          durationMs: c.durationMs, timeToFirstTokenMs: c.timeToFirstTokenMs, timePerOutputTokenMs: c.durationMs / (c.outputTokens + 1), outcome: c.isError ? 'server_error' : 'ok', attempts: 1, wastedTokens: 0, wastedNanoUsd: 0 } as never)
        const minute = Math.floor(now / 60000), series = `naive:${c.model}:${minute}`
        pipe.hincrby(series, 'calls', 1); pipe.hincrby(series, 'input', c.inputTokens); pipe.hincrby(series, 'output', c.outputTokens); pipe.hincrby(series, 'errors', c.isError ? 1 : 0)
        pipe.hincrby(`naive:sketch:${minute}`, String(Math.ceil(Math.log(c.durationMs) / 0.04)), 1); pipe.zadd('naive:seen', now, c.user); pipe.zincrby('naive:board', c.inputTokens, c.user)
        pipe.xadd('naive:recent', 'MAXLEN', '~', 10000, '*', 'c', JSON.stringify({ model: c.model, user: c.user, in: c.inputTokens, out: c.outputTokens, ms: c.durationMs }))
      }
      await pipe.exec()
      const level = s % 60 === 0 ? 'all' : s % 10 === 0 ? 'slow' : 'fast'
      const rows = rollup.drain(level as never)
      if (!rows) continue
      const before = detail ? await usec() : 0
      const parts = splitBatch({ version: 1, tenant: 't', writer: 'w', ...rows } as never)
      for (const part of parts) { const res = await applyBatch(r, { ...part, sequence: ++seq } as never); if (res.status !== 'applied' || res.refusedOperations) console.log(res) }
      const p = (perLevel[level] ??= { us: 0, scripts: 0, flushes: 0, js: 0 }); p.flushes++; p.scripts += parts.length; if (detail) p.us += (await usec()) - before
    }
  }
  await run(60)
  for (const k of Object.keys(perLevel)) delete perLevel[k]
  const b = [await ours.cpuSeconds(), await naive.cpuSeconds()]
  await run(SECONDS)
  const a = [await ours.cpuSeconds(), await naive.cpuSeconds()]
  const events = rate * SECONDS
  const o = ((a[0]! - b[0]!) / events) * 1e6, nv = ((a[1]! - b[1]!) / events) * 1e6
  console.log(rate, 'ours', o.toFixed(2), 'naive', nv.toFixed(2), 'ratio', (nv / o).toFixed(2), detail ? Object.entries(perLevel).map(([l, p]) => `${l}: ${(p.us / p.flushes).toFixed(0)}us/flush ${(p.scripts / p.flushes).toFixed(1)} scripts`).join(' | ') : '', 'mem', (await r.info('memory')).match(/used_memory_human:(\S+)/)![1])
  r.disconnect(); n.disconnect(); await Promise.all([ours.stop(), naive.stop()])
}
