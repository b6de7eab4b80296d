/**
 * Puts many calls into a store as the SDK does: through its roll-up, drained as at a high rate, every 10 s of the hour that is filled. Only the
 * clock is simulated.
 */
import { randomUUID } from 'node:crypto'
import { applyBatch, type Batch, type Call, splitBatch } from '@aiwatch/store'
import type { Redis } from 'ioredis'
import { Rollup } from '../../../packages/sdk/src/rollup/rollup.ts'
import { createWorkload, type WorkloadCall } from './workload.ts'

const STEP_MS = 10_000
const HOUR_MS = 3_600_000

function toCall(call: WorkloadCall, endedMs: number): Call {
  return {
    id: randomUUID(),
    startedAt: endedMs - call.durationMs,
    app: 'bench',
    provider: 'openai',
    model: call.model,
    requestModel: call.model,
    operation: 'chat',
    stream: true,
    user: call.user,
    session: call.session,
    tags: {},
    usage: {
      inputTokens: call.inputTokens,
      cacheReadTokens: call.cacheReadTokens,
      cacheWriteTokens: 0,
      outputTokens: call.outputTokens,
      reasoningTokens: 0,
      source: 'reported',
    },
    costNanoUsd: call.costNanoUsd,
    cacheSavedNanoUsd: 0,
    durationMs: call.durationMs,
    timeToFirstTokenMs: call.timeToFirstTokenMs,
    timePerOutputTokenMs: call.durationMs / Math.max(1, call.outputTokens),
    outcome: call.isError ? 'server_error' : 'ok',
    attempts: 1,
    wastedTokens: 0,
    wastedNanoUsd: 0,
  }
}

/** Writes `calls` calls that end evenly over the hour up to `endMs`. Resolves with the number of calls written. */
export async function fillHour(
  redis: Redis,
  { calls, endMs, models = 20, users = 1000 }: { calls: number; endMs: number; models?: number; users?: number },
) {
  const rollup = new Rollup({ maxBytes: Number.POSITIVE_INFINITY })
  const next = createWorkload({ models, users })
  const writer = randomUUID()
  const steps = HOUR_MS / STEP_MS
  let sequence = 0
  let written = 0
  for (let step = 0; step < steps; step++) {
    const from = endMs - HOUR_MS + step * STEP_MS
    const until = Math.round((calls * (step + 1)) / steps)
    const share = until - written
    for (let i = 0; i < share; i++) rollup.add(toCall(next(), from + Math.floor((i * STEP_MS) / share)))
    written = until
    const rows = rollup.drain(step % 6 === 5 || step === steps - 1 ? 'all' : 'users')
    if (!rows) continue
    for (const part of splitBatch({ version: 1, tenant: 'default', writer, ...rows })) {
      const batch: Batch = { ...part, sequence: ++sequence }
      const result = await applyBatch(redis, batch)
      if (result.status !== 'applied') throw new Error(`the batch was not applied: ${result.status}`)
    }
  }
  return written
}
