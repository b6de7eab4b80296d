import { StoreError, toStoreError } from '../errors.ts'
import { tenantKeys } from '../keys.ts'
import type { RedisClient } from '../redis-client.ts'
import { runScript } from '../run-script.ts'
import { PUBLISH_SCRIPT } from './publish-script.ts'

export interface Published {
  /** Values written to time series. */
  values: number
  /** Values that Redis refused, such as for a key that is something else. Counted in `integrity`. */
  refused: number
  /** Redis' text for the first refusal. */
  firstRefusal?: string
}

export interface PublishOptions {
  /** Also what is not due yet. Default false. */
  all?: boolean
  /** Most steps; what is left is published the next time. Default 4000. */
  maxRuns?: number
}

/** A step writes about 250 values; under load new ones come in meanwhile, so that there must be an end. */
const MAX_RUNS = 4000

interface Run extends Published {
  dueMs: number
  isMore: boolean
}

function parseRun(reply: unknown): Run {
  const [, dueMs, values, refused, firstRefusal, isMore] = Array.isArray(reply) ? (reply as unknown[]) : []
  const numbers = [dueMs, values, refused, isMore].map(Number)
  if (!numbers.every(Number.isSafeInteger)) {
    throw new StoreError(`the publish script answered ${JSON.stringify(reply)}`, { code: 'unknown', retryable: true })
  }
  const text = String(firstRefusal)
  return {
    dueMs: Number(dueMs),
    values: Number(values),
    refused: Number(refused),
    ...(text === '' ? {} : { firstRefusal: text }),
    isMore: Number(isMore) > 0,
  }
}

/**
 * Writes to a tenant's time series what its hashes hold and they do not: everything that is due, or `all`, in steps of about 2 ms of the
 * server's time. Does nothing for a tenant without RedisTimeSeries. Any number may run at once, and at any time: absolute totals are
 * written. Rejects with a StoreError when Redis refuses or does not answer; what is left is published by whoever comes next.
 */
export async function publishSeries(
  redis: RedisClient,
  tenant: string,
  { all = false, maxRuns = MAX_RUNS }: PublishOptions = {},
): Promise<Published> {
  const keys = tenantKeys(tenant)
  const published: Published = { values: 0, refused: 0 }
  let bound = all ? 'all' : 'due'
  try {
    for (let runs = 0; runs < maxRuns; runs++) {
      const run = parseRun(await runScript(redis, PUBLISH_SCRIPT, [keys.unpublished, keys.late, keys.cells, keys.integrity], [bound]))
      published.values += run.values
      published.refused += run.refused
      if (run.firstRefusal !== undefined) published.firstRefusal ??= run.firstRefusal
      if (!run.isMore) break
      bound = String(run.dueMs)
    }
    return published
  } catch (error) {
    throw toStoreError(error)
  }
}

/**
 * Time buckets whose publication is overdue by this many milliseconds of the server's clock: more than a few say that nobody publishes (no writer,
 * no collector), or that Redis refuses it.
 */
export async function countUnpublished(redis: RedisClient, tenant: string, overdueMs = 0): Promise<number> {
  try {
    const [seconds, microseconds] = await redis.time()
    const nowMs = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
    return await redis.zcount(tenantKeys(tenant).unpublished, '-inf', nowMs - overdueMs)
  } catch (error) {
    throw toStoreError(error)
  }
}
