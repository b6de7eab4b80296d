import type { Batch } from '../batch.ts'
import { StoreError, toStoreError } from '../errors.ts'
import { TENANTS_KEY, tenantKeys } from '../keys.ts'
import type { RedisClient } from '../redis-client.ts'
import { plainRedisSeries } from '../series/plain-redis.ts'
import type { ApplyResult } from './apply-result.ts'
import { buildApplyScript } from './apply-script.ts'
import { clampBatch, latestTimeMs } from './clamp-batch.ts'
import { encodeBatch } from './encode-batch.ts'
import { parseReply } from './parse-reply.ts'
import { forgetEntries, isRenewalDue, knownEntries, noteApplied, noteRenewal } from './writer-memory.ts'

const SERIES = plainRedisSeries
const SCRIPT = buildApplyScript(SERIES)

/** Clamping once is enough unless the server's clock is set back in between. */
const MAX_CLAMPS = 3

async function runScript(redis: RedisClient, keys: string[], values: (string | Buffer)[]): Promise<unknown> {
  const rest = [keys.length, ...keys, ...values]
  try {
    return await redis.call('EVALSHA', SCRIPT.sha, ...rest)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return await redis.call('EVAL', SCRIPT.text, ...rest)
  }
}

async function send(redis: RedisClient, batch: Batch, renews: boolean) {
  const { keys, message } = encodeBatch({ batch, keys: tenantKeys(batch.tenant), backend: SERIES, known: knownEntries(redis, batch) })
  const values = [String(batch.sequence), String(latestTimeMs(batch)), renews ? '1' : '0', batch.writer, message]
  return parseReply(await runScript(redis, keys, values))
}

/** Enters the tenant in the list of tenants, which is in another cluster slot. When that fails it is tried again with the next batch. */
async function registerTenant(redis: RedisClient, batch: Batch, serverTimeMs: number): Promise<void> {
  try {
    await redis.zadd(TENANTS_KEY, Math.floor(serverTimeMs / 1000), batch.tenant)
    noteRenewal(redis, batch)
  } catch {
    // The batch is applied all the same.
  }
}

function assertSendable(batch: Batch): void {
  if (!Number.isSafeInteger(batch.sequence) || batch.sequence < 1) {
    throw new StoreError(`sequence must be an integer from 1, got ${batch.sequence}`, { code: 'invalid_batch', retryable: false })
  }
  if (!/^[\w-]{1,64}$/.test(batch.writer)) {
    throw new StoreError('writer must match [A-Za-z0-9_-]{1,64}', { code: 'invalid_batch', retryable: false })
  }
}

async function apply(redis: RedisClient, batch: Batch): Promise<ApplyResult> {
  const renews = isRenewalDue(redis, batch)
  let sent = batch
  let clampedCalls = 0
  for (let clamps = 0; ; clamps++) {
    const reply = await send(redis, sent, renews)
    if (reply.status === 'wrong_backend') {
      const text = `tenant ${batch.tenant} keeps its series in the form "${reply.backend}", this program writes "${SERIES.name}"`
      throw new StoreError(`${text}: use the version and Redis that it was begun with`, { code: 'wrong_backend', retryable: false })
    }
    if (reply.status !== 'future') {
      if (reply.status !== 'applied') {
        forgetEntries(redis, batch)
        return reply
      }
      if (renews) forgetEntries(redis, batch)
      noteApplied(redis, batch, reply.foldedCells)
      if (renews) await registerTenant(redis, batch, reply.serverTimeMs)
      return { ...reply, clampedCalls }
    }
    if (clamps === MAX_CLAMPS) {
      throw new StoreError("the times of the batch lie ahead of the server's clock, which moves", { code: 'future', retryable: true })
    }
    const clamped = clampBatch(sent, reply.serverTimeMs)
    sent = clamped.batch
    clampedCalls += clamped.clampedCalls
  }
}

/**
 * Adds a batch to its tenant: one script, atomic, at most once. Batches of one writer must be sent one after the other.
 * Rejects with a StoreError when Redis refuses the whole of it or does not answer; it is then safe to send the same batch again.
 */
export async function applyBatch(redis: RedisClient, batch: Batch): Promise<ApplyResult> {
  assertSendable(batch)
  try {
    return await apply(redis, batch)
  } catch (error) {
    if (error instanceof RangeError) {
      throw new StoreError(`invalid batch: ${error.message}`, { code: 'invalid_batch', retryable: false, cause: error })
    }
    throw toStoreError(error)
  }
}
