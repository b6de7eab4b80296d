import { tenantKeys } from '../keys.ts'
import type { RedisClient } from '../redis-client.ts'
import { beginBackend } from '../series/resolve-backend.ts'
import { bucketStart, LATE_ALLOWANCE_SECONDS } from '../series-catalogue.ts'
import { writeSeriesSample } from './sample-series.ts'

export interface SampleToWrite {
  /** Name of a seed metric, without `metrics:`. */
  name: string
  /** Start of the slot in seconds since the epoch. */
  slotSeconds: number
  value: number
  /** How long samples are kept, in seconds. */
  keepSeconds: number
}

/** Hour whose hash holds a slot. */
export function sampleHour(slotSeconds: number): number {
  return bucketStart(slotSeconds * 1000, 3600)
}

/**
 * Writes the sample of a slot, unless it has one: of many samplers the first wins. True when this one was written.
 * Throws a RangeError when the value is not a finite number or the slot is not a whole second.
 */
export async function writeSample(redis: RedisClient, tenant: string, sample: SampleToWrite): Promise<boolean> {
  const { name, slotSeconds, value, keepSeconds } = sample
  if (!Number.isFinite(value)) throw new RangeError(`value of sample ${name} must be a finite number, got ${value}`)
  if (!Number.isSafeInteger(slotSeconds) || slotSeconds < 0)
    throw new RangeError(`slotSeconds must be whole seconds from 0 up, got ${slotSeconds}`)
  if ((await beginBackend(redis, tenant)) === 'module') return writeSeriesSample(redis, tenant, sample)
  const hour = sampleHour(slotSeconds)
  const key = tenantKeys(tenant).sample(name, hour)
  const expireAt = hour + 3600 + keepSeconds + LATE_ALLOWANCE_SECONDS
  const results = await redis.multi().hsetnx(key, String(slotSeconds), String(value)).expireat(key, expireAt).exec()
  const [error, written] = results?.[0] ?? [new Error('the transaction was discarded'), 0]
  if (error) throw error
  return written === 1
}
