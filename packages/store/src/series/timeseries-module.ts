/**
 * Writing on a server with RedisTimeSeries: the hash of a bucket as on plain Redis, and a note of the cells that are to be published as time
 * series. The note is made before the data: what a torn append-only file replays of it is published in vain, never forgotten.
 */

import { LATE_ALLOWANCE_SECONDS, TIERS } from '../series-catalogue.ts'
import { HOT_SECONDS, PUBLISH_AFTER_END_MS, PUBLISH_AFTER_MS } from './hot-form.ts'
import { luaTable } from './lua-table.ts'
import { plainRedisSeries } from './plain-redis.ts'
import type { SeriesBackend } from './series-backend.ts'
import { SERIES_CODES, seriesPart } from './series-key.ts'

const PARTS_BY_CODE = SERIES_CODES.map((code) => `[${code}] = '${seriesPart(code)}'`).join(', ')
const SECONDS = { '10s': TIERS['10s'].seconds, '1m': TIERS['1m'].seconds, '1h': TIERS['1h'].seconds }

/** The keys that it derives from declared ones are of the same tenant, hence of the same cluster slot. */
const SCRIPT = /* lua */ `
local function writeSeries(buckets)
  if #buckets == 0 then return end
  local tenantKey = sub(KEYS[CELLS], 1, -6)
  local hotSeconds, publishAfterMs = ${luaTable(HOT_SECONDS)}, ${luaTable(PUBLISH_AFTER_MS)}
  local format = string.format

  -- The hash of a cold bucket holds only what is not published. What a row adds to and the hash lacks is read from its time series first; what it
  -- does not touch stays as it is there.
  local function warm(bucket, key, tier)
    local fields, deltas = bucket[7], bucket[8]
    local held = attempt(#fields, 'HMGET', key, unpack(fields))
    if not held then return end
    local parts, seconds = { ${PARTS_BY_CODE} }, ${luaTable(SECONDS)}
    local startMs = format('%.0f', (bucket[2] - seconds[tier]) * 1000)

    local function readPublished(code, cell)
      local samples = pcallRedis('TS.RANGE', tenantKey .. 'ts:' .. tier .. ':' .. parts[code] .. ':' .. cell, startMs, startMs)
      if not samples.err then return samples[1] and tonumber(samples[1][2].ok) end
      -- The series begins with this row.
      if not string.find(samples.err, 'does not exist', 1, true) then refuse(1, samples) end
      return nil
    end

    for i = 1, #fields do
      local done, vector = pcall(readVector, held[i] or '\\144')
      if done then
        local isHeld, published, size, delta = {}, {}, 0, readVector(deltas[i])
        for j = 1, #vector, 2 do isHeld[vector[j]] = true end
        for j = 1, #delta, 2 do
          local code = delta[j]
          local value = parts[code] and not isHeld[code] and readPublished(code, fields[i])
          if value then
            published[size + 1], published[size + 2] = code, value
            size = size + 2
          end
        end
        if size > 0 then attempt(1, 'HSET', key, fields[i], pack(addLists(vector, published))) end
      end
    end
  end

  local function beforeWrite(bucket, key)
    if folded then bucket[7], bucket[8] = foldFields(bucket[7], bucket[8], addVector) end
    local fields, member = bucket[7], bucket[4]
    local tier = string.match(member, '^[^:]+')
    local isCold = now - bucket[2] > hotSeconds[tier]
    local dueMs = nowMs
    if not isCold then dueMs = min(nowMs + publishAfterMs[tier], max(nowMs, bucket[2] * 1000) + ${PUBLISH_AFTER_END_MS}) end
    attempt(#fields, 'SADD', key .. ':d', unpack(fields))
    if attempt(1, 'ZADD', tenantKey .. 'unpublished', 'LT', format('%.0f', dueMs), member) == 1 then
      -- A published hash expires early; what is not published must be kept as long as its bucket.
      attempt(1, 'EXPIREAT', key .. ':d', bucket[3])
      attempt(1, 'EXPIREAT', key, bucket[3])
      attempt(1, 'EXPIRE', tenantKey .. 'unpublished', ${TIERS['1h'].keepSeconds + LATE_ALLOWANCE_SECONDS})
    end
    if isCold then
      coldRows = coldRows + #fields
      warm(bucket, key, tier)
    end
  end

  for i = 1, #buckets do writeBucket(buckets[i], addVector, beforeWrite) end
end
`

/** Hashes as on plain Redis, published as time series. */
export const timeSeriesModuleSeries: SeriesBackend = { name: 'module', script: SCRIPT, encode: plainRedisSeries.encode }
