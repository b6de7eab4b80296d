/** Samples of a seed metric on a server with RedisTimeSeries: one series under the metric's own name, so that `TS.RANGE` of that name shows them. */
import type { RedisClient } from '../redis-client.ts'
import { runScript, toScript } from '../run-script.ts'
import { LATE_ALLOWANCE_SECONDS } from '../series-catalogue.ts'
import { seedMetricKey } from './seed-metrics.ts'
import type { SampleToWrite } from './write-sample.ts'

/** Renewed when this much of its life has passed. An idle series is never trimmed: it expires. */
const RENEWAL_SECONDS = 3600

/**
 * KEYS: the series. ARGV: timestamp, value, retention in milliseconds, name, life in seconds. The policy is given twice: `ON_DUPLICATE` decides now,
 * and what decides for others is stored only by `DUPLICATE_POLICY`.
 */
const WRITE_SCRIPT = toScript(/* lua */ `#!lua
local call, key = redis.call, KEYS[1]
local expires = call('EXPIRETIME', key)
if expires ~= -2 and #call('TS.RANGE', key, ARGV[1], ARGV[1]) > 0 then return 0 end
local reply = redis.pcall(
  'TS.ADD', key, ARGV[1], ARGV[2], 'RETENTION', ARGV[3], 'DUPLICATE_POLICY', 'FIRST', 'ON_DUPLICATE', 'FIRST', 'LABELS', 'metric', ARGV[4]
)
if type(reply) == 'table' and reply.err then
  if string.find(reply.err, 'retention', 1, true) then return 0 end
  return reply
end
if expires - tonumber(call('TIME')[1]) < tonumber(ARGV[5]) - ${RENEWAL_SECONDS} then call('EXPIRE', key, ARGV[5]) end
return 1
`)

/** True when the slot had no sample yet, and its time is not past the retention. */
export async function writeSeriesSample(redis: RedisClient, tenant: string, sample: SampleToWrite): Promise<boolean> {
  const { name, slotSeconds, value, keepSeconds } = sample
  const life = keepSeconds + LATE_ALLOWANCE_SECONDS + RENEWAL_SECONDS
  const values = [slotSeconds * 1000, value, (keepSeconds + LATE_ALLOWANCE_SECONDS) * 1000, name, life].map(String)
  return Number(await runScript(redis, WRITE_SCRIPT, [seedMetricKey(tenant, name)], values)) === 1
}
