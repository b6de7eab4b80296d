import type { Batch } from '../batch.ts'
import { StoreError, toStoreError } from '../errors.ts'
import { TENANTS_KEY, tenantKeys } from '../keys.ts'
import { boundLabel } from '../labels.ts'
import type { RedisClient } from '../redis-client.ts'
import { runScript, type Script } from '../run-script.ts'
import { plainRedisSeries } from '../series/plain-redis.ts'
import { publishInPassing } from '../series/publish-in-passing.ts'
import { type BackendName, isBackendName, noteBackend, requireBackend, wrongBackend } from '../series/resolve-backend.ts'
import type { SeriesBackend } from '../series/series-backend.ts'
import { timeSeriesModuleSeries } from '../series/timeseries-module.ts'
import type { ApplyResult } from './apply-result.ts'
import { buildApplyScript } from './apply-script.ts'
import { clampBatch, latestTimeMs } from './clamp-batch.ts'
import { encodeBatch } from './encode-batch.ts'
import { parseReply } from './parse-reply.ts'
import { forgetEntries, isRenewalDue, knownEntries, noteApplied, noteRenewal } from './writer-memory.ts'

const BACKENDS: Record<BackendName, { series: SeriesBackend; script: Script }> = {
  plain: { series: plainRedisSeries, script: buildApplyScript(plainRedisSeries) },
  module: { series: timeSeriesModuleSeries, script: buildApplyScript(timeSeriesModuleSeries) },
}

/** Clamping once is enough unless the server's clock is set back in between. */
const MAX_CLAMPS = 3

/** What is shown of a writer beside its id: JSON, or nothing. */
function nameOf({ cells, origin }: Batch): string {
  const app = cells[0]?.app
  return app === undefined && origin === undefined
    ? ''
    : JSON.stringify({ app, origin: origin === undefined ? undefined : boundLabel(origin) })
}

interface Sending {
  renews: boolean
  backend: BackendName
  /** How far the writer's clock ran ahead; 0 when nothing was set back. */
  aheadMs: number
}

async function send(redis: RedisClient, batch: Batch, { renews, backend, aheadMs }: Sending) {
  const { series, script } = BACKENDS[backend]
  const { keys, message } = encodeBatch({ batch, keys: tenantKeys(batch.tenant), backend: series, known: knownEntries(redis, batch) })
  const name = renews ? nameOf(batch) : ''
  const values = [String(batch.sequence), String(latestTimeMs(batch)), renews ? '1' : '0', batch.writer, message, name, String(aheadMs)]
  return parseReply(await runScript(redis, script, keys, values))
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

interface Answered {
  result: ApplyResult
  backend: BackendName
  /** Rows for buckets that are read from their time series. */
  coldRows: number
}

async function apply(redis: RedisClient, batch: Batch): Promise<Answered> {
  const renews = isRenewalDue(redis, batch)
  let backend = await requireBackend(redis, batch.tenant)
  let sent = batch
  let clampedCalls = 0
  let aheadMs = 0
  for (let clamps = 0, switches = 0; ; ) {
    const reply = await send(redis, sent, { renews, backend, aheadMs })
    if (reply.status === 'wrong_backend') {
      if (!isBackendName(reply.backend) || switches++ > 0) throw wrongBackend(batch.tenant, reply.backend, backend)
      noteBackend(redis, batch.tenant, reply.backend)
      backend = await requireBackend(redis, batch.tenant)
    } else if (reply.status === 'future') {
      if (clamps++ === MAX_CLAMPS) {
        throw new StoreError("the times of the batch lie ahead of the server's clock, which moves", { code: 'future', retryable: true })
      }
      aheadMs = Math.max(aheadMs, latestTimeMs(sent) - reply.serverTimeMs)
      const clamped = clampBatch(sent, reply.serverTimeMs)
      sent = clamped.batch
      clampedCalls += clamped.clampedCalls
    } else if (reply.status === 'applied') {
      const { coldRows, ...applied } = reply
      if (renews) forgetEntries(redis, batch)
      noteApplied(redis, batch, reply.foldedCells)
      noteBackend(redis, batch.tenant, backend)
      if (renews) await registerTenant(redis, batch, reply.serverTimeMs)
      return { result: { ...applied, clampedCalls }, backend, coldRows }
    } else {
      forgetEntries(redis, batch)
      return { result: reply, backend, coldRows: 0 }
    }
  }
}

/**
 * Adds a batch to its tenant: one script, atomic, at most once. Batches of one writer must be sent one after the other.
 * Rejects with a StoreError when Redis refuses the whole of it or does not answer; it is then safe to send the same batch again.
 */
export async function applyBatch(redis: RedisClient, batch: Batch): Promise<ApplyResult> {
  assertSendable(batch)
  try {
    const { result, backend, coldRows } = await apply(redis, batch)
    if (backend === 'module') {
      const publication = publishInPassing(redis, batch.tenant, { now: coldRows > 0 })
      // A bucket that is no longer hot is read from its series: it is there when this resolves.
      if (coldRows > 0) await publication
    }
    return result
  } catch (error) {
    if (error instanceof RangeError) {
      throw new StoreError(`invalid batch: ${error.message}`, { code: 'invalid_batch', retryable: false, cause: error })
    }
    throw toStoreError(error)
  }
}
