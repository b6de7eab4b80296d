/**
 * Takes the sampled metrics of every tenant, once per 30 s slot, whichever of the collectors does it. A slot that nobody could
 * sample in its time is left empty.
 */
import { listTenants, SEED_METRICS, tenantKeys, writeSample } from '@aiwatch/store'
import type { Log } from '../log.ts'
import { readServerInfo } from '../redis/read-server-info.ts'
import type { RedisConnection } from '../redis/redis-connection.ts'
import { createCpuMeter } from './host-cpu.ts'

export const SLOT_MS = 30_000
/** Writers flush every second: three seconds after the slot its calls are there. */
const SETTLE_MS = 3000
/** Longest time in which a sampler must be done; after it another may take the slot over. */
const LOCK_MS = 8000
const TAKE_OVER_AFTER_MS = 12_000

export interface SamplerOptions {
  connection: RedisConnection
  log: Log
  /** Sampled even before it has data. */
  tenant: string
  /** Values of the metrics that come from a tenant's calls, as of the slot's start. */
  measure(tenant: string, slotMs: number): Promise<Map<string, number>>
  now?: () => number
  /** Default `setTimeout`. */
  wait?: (milliseconds: number, then: () => void) => NodeJS.Timeout
}

export interface SamplerCheck {
  status: 'up' | 'down' | 'starting'
  /** ISO 8601 start of the last slot that this or another collector has sampled, as far as this one knows. */
  last_slot?: string
  error?: string
}

export function slotStart(timeMs: number): number {
  return Math.floor(timeMs / SLOT_MS) * SLOT_MS
}

/** True when this process may sample the slot of the tenant: nobody else has, or who began did not end in time. */
async function takeSlot({ connection }: SamplerOptions, tenant: string, slotMs: number): Promise<boolean> {
  const key = tenantKeys(tenant).lock(`sampler:${slotMs / 1000}`)
  return (await connection.redis.set(key, String(process.pid), 'PX', LOCK_MS, 'NX')) === 'OK'
}

async function keepSlot({ connection }: SamplerOptions, tenant: string, slotMs: number): Promise<void> {
  await connection.redis.set(tenantKeys(tenant).lock(`sampler:${slotMs / 1000}`), 'done', 'PX', 2 * SLOT_MS)
}

/** Samples one slot for every tenant that is not sampled yet; returns how many this process did. */
export async function sampleSlot(options: SamplerOptions, slotMs: number, cpuUsage: number): Promise<number> {
  const { connection, measure } = options
  const [tenants, info] = await connection.ask(() => Promise.all([listTenants(connection.redis), readServerInfo(connection.redis)]))
  let sampled = 0
  for (const tenant of new Set([options.tenant, ...tenants])) {
    if (!(await connection.ask(() => takeSlot(options, tenant, slotMs)))) continue
    const values = await connection.ask(() => measure(tenant, slotMs))
    values.set('memory:redis_used', info.usedMemoryBytes).set('cpu:usage', cpuUsage)
    await connection.ask(() =>
      Promise.all(
        SEED_METRICS.map(({ name, keepSeconds }) =>
          writeSample(connection.redis, tenant, { name, slotSeconds: slotMs / 1000, value: values.get(name) ?? 0, keepSeconds }),
        ),
      ),
    )
    await connection.ask(() => keepSlot(options, tenant, slotMs))
    sampled++
  }
  return sampled
}

export interface Sampler {
  check(): SamplerCheck
  stop(): void
}

/** Samples the current slot as soon as it may, and then every slot, until it is stopped. */
export function startSampler(options: SamplerOptions): Sampler {
  const now = options.now ?? Date.now
  const startTimer = options.wait ?? ((milliseconds, then) => setTimeout(then, milliseconds))
  const measureCpu = createCpuMeter()
  let state: SamplerCheck = { status: 'starting' }
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const attempt = async (slotMs: number, cpuUsage: number) => {
    try {
      await sampleSlot(options, slotMs, cpuUsage)
      state = { status: 'up', last_slot: new Date(slotMs).toISOString() }
    } catch (error) {
      const reason = (error as Error).message
      if (state.error !== reason && !stopped) options.log.error('sampling failed', { slot: new Date(slotMs).toISOString(), error: reason })
      state = { ...state, status: 'down', error: reason }
    }
  }

  const wait = (untilMs: number, then: () => void) => {
    timer = startTimer(Math.max(0, untilMs - now()), then)
    timer.unref()
  }

  const run = async (slotMs: number) => {
    const cpuUsage = measureCpu()
    await attempt(slotMs, cpuUsage)
    // Once more: for a slot whose sampler died, or for a Redis that was away.
    wait(slotMs + SETTLE_MS + TAKE_OVER_AFTER_MS, async () => {
      if (slotStart(now()) === slotMs) await attempt(slotMs, cpuUsage)
      if (!stopped) plan(Math.max(slotMs + SLOT_MS, slotStart(now())))
    })
    if (stopped) clearTimeout(timer)
  }
  const plan = (slotMs: number) => wait(slotMs + SETTLE_MS, () => void run(slotMs))

  plan(slotStart(now()))
  return {
    check: () => state,
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}
