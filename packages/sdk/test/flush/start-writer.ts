/** The stages from roll-up to Redis, without capture and prices. */
import type { Call } from '@aiwatch/store'
import type { AIWatchError } from '../../src/errors.ts'
import { Flusher } from '../../src/flush/flusher.ts'
import { type RedisTarget, RedisTransport } from '../../src/flush/redis-transport.ts'
import { Rollup } from '../../src/rollup/rollup.ts'
import { sampleCall } from '../sample-call.ts'

export interface Writer {
  rollup: Rollup
  flusher: Flusher
  transport: RedisTransport
  errors: AIWatchError[]
  /** Adds calls that end now. */
  record(count: number, call?: Partial<Call>): void
  recorded(): number
}

export function startWriter(redis: RedisTarget, options: { intervalMs?: number; maxBytes?: number } = {}): Writer {
  const errors: AIWatchError[] = []
  let recorded = 0
  const rollup = new Rollup({ maxBytes: options.maxBytes ?? 32 * 1024 * 1024, heldElsewhereBytes: () => flusher.heldBytes })
  const transport = new RedisTransport(redis)
  const flusher: Flusher = new Flusher({
    source: rollup,
    transport,
    tenant: 'default',
    intervalMs: options.intervalMs ?? 20,
    settle: () => Promise.resolve(),
    heldCalls: () => recorded - flusher.counts.flushedCalls - rollup.counted.dropped,
    report: (error) => errors.push(error),
  })
  return {
    rollup,
    flusher,
    transport,
    errors,
    recorded: () => recorded,
    record(count, call = {}) {
      for (let i = 0; i < count; i++) {
        recorded++
        rollup.add(sampleCall({ startedAt: Date.now() - 100, ...call }))
      }
      flusher.noteRecorded()
    },
  }
}
