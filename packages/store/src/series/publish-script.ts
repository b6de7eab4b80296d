import { SEEN_SECONDS } from '../apply/apply-script.ts'
import { toScript } from '../run-script.ts'
import { LATE_ALLOWANCE_SECONDS, TIERS, type Tier } from '../series-catalogue.ts'
import { HASH_GRACE_SECONDS, HOT_SECONDS, PUBLISH_AFTER_MS } from './hot-form.ts'
import { luaTable } from './lua-table.ts'
import { SERIES_CODES, seriesLabels, seriesPart } from './series-key.ts'

/** Values written by one run: about 2 ms of the server's time. */
const VALUES_PER_RUN = 250
/** A series that has to be made costs as much as this many values. */
const CREATION_VALUES = 8
/** Cells taken at once; each has up to 38 series of three arguments, and Lua's `unpack` fails near 8,000. */
const CELLS_PER_STEP = 16
const BUCKETS_PER_RUN = 50
/** A series is renewed when this much of its life has passed, not at each write. */
const RENEWAL_SECONDS = 3600
/**
 * Bytes of a compressed chunk of a series. Nearly all writes go to the newest sample; per write and sample: 256 takes 6.4 µs and 4.0 B, 1024
 * 8.3 µs and 3.1 B, the default of 4096 17.6 µs and 3.0 B, uncompressed 4.9 µs and 17.2 B.
 */
const CHUNK_BYTES = 256

const tiers = Object.keys(TIERS) as Tier[]
const byTier = (value: (tier: Tier) => number) => luaTable(Object.fromEntries(tiers.map((tier) => [tier, value(tier)])))

/** RedisTimeSeries trims by its newest sample, not by the clock: samples stay as long as a late one may come to their bucket. */
const retentionMs = (tier: Tier) => (TIERS[tier].keepSeconds + LATE_ALLOWANCE_SECONDS) * 1000
/** An idle series is never trimmed: it expires. */
const lifeSeconds = (tier: Tier) => TIERS[tier].keepSeconds + LATE_ALLOWANCE_SECONDS + TIERS[tier].seconds + RENEWAL_SECONDS
const partsByCode = SERIES_CODES.map((code) => `[${code}] = '${seriesPart(code)}'`).join(', ')
const labelsByCode = SERIES_CODES.map(
  (code) =>
    `[${code}] = { ${seriesLabels(code)
      .map((text) => `'${text}'`)
      .join(', ')} }`,
).join(', ')

/**
 * Writes what is due as absolute totals: it may run at any time, twice, or by many at once. KEYS: unpublished, late, cells, integrity; those that
 * are derived are of the same tenant. ARGV: server time in milliseconds up to which buckets count as due, or `due` for now, or `all`.
 * Answers the server's time, that bound, the values written, the values refused, the first reason, and whether more is due.
 */
export const PUBLISH_SCRIPT = toScript(/* lua */ `#!lua
local call = redis.call
local format, match, sub, byte, floor = string.format, string.match, string.sub, string.byte, math.floor
local SECONDS, HOT, RETENTION, LIFE = ${byTier((tier) => TIERS[tier].seconds)}, ${luaTable(HOT_SECONDS)}, ${byTier(retentionMs)}, ${byTier(lifeSeconds)}
local PARTS = { ${partsByCode} }

local time = call('TIME')
local now = tonumber(time[1])
local nowMs = now * 1000 + floor(tonumber(time[2]) / 1000)
local dueMs = tonumber(ARGV[1])
if ARGV[1] == 'due' then dueMs = nowMs end
if ARGV[1] == 'all' then dueMs = nowMs + ${Math.max(...Object.values(PUBLISH_AFTER_MS))} end

local tenantKey = sub(KEYS[1], 1, -12)
local tenant = match(tenantKey, '{(.-)}')
local work, written, refused, firstRefusal = 0, 0, 0, ''
local function refuse(reason)
  if refused == 0 then firstRefusal = reason end
  refused = refused + 1
end

-- As labels.ts does it.
local function encodeLabel(name)
  return (string.gsub(name, '[%c%%,()=!]', function(character) return format('%%%02X', byte(character)) end))
end

local labelsOfCell = {}
local function findCellLabels(cell)
  local labels = labelsOfCell[cell]
  if labels then return labels end
  local text = call('HGET', KEYS[3], cell)
  local done, names = pcall(cjson.decode, text or '')
  if not done or type(names) ~= 'table' then names = {} end
  labels = { 'cell', cell }
  for i, label in ipairs({ 'app', 'provider', 'model' }) do
    local name = names[i]
    labels[#labels + 1] = label
    labels[#labels + 1] = type(name) == 'string' and name ~= '' and encodeLabel(name) or 'unknown'
  end
  labelsOfCell[cell] = labels
  return labels
end

local labelsOfCode
local function create(series, tier, code, cell)
  labelsOfCode = labelsOfCode or { ${labelsByCode} }
  local arguments = {
    'TS.CREATE', series, 'RETENTION', format('%.0f', RETENTION[tier]), 'ENCODING', 'COMPRESSED', 'CHUNK_SIZE', '${CHUNK_BYTES}',
    'DUPLICATE_POLICY', 'LAST', 'LABELS', 'tenant', tenant, 'tier', tier,
  }
  for _, label in ipairs(findCellLabels(cell)) do arguments[#arguments + 1] = label end
  for _, label in ipairs(labelsOfCode[code]) do arguments[#arguments + 1] = label end
  call(unpack(arguments))
  work = work + ${CREATION_VALUES}
end

-- The series exists afterwards, and lives as long as what is written to it now.
local function keep(series, tier, code, cell)
  local expires = call('EXPIRETIME', series)
  if expires == -2 then create(series, tier, code, cell) end
  if expires - now < LIFE[tier] - ${RENEWAL_SECONDS} then call('EXPIRE', series, LIFE[tier]) end
end

local function write(arguments)
  if #arguments == 1 then return end
  local replies = call(unpack(arguments))
  for i = 1, #replies do
    local reply = replies[i]
    if type(reply) ~= 'table' or not reply.err then
      written = written + 1
    elseif not string.find(reply.err, 'retention', 1, true) then
      -- A sample older than the retention is one whose time has come between its writing and now.
      refuse(reply.err)
    end
  end
end

local function publishCells(key, tier, startMs, cells)
  local vectors = redis.pcall('HMGET', key, unpack(cells))
  if vectors.err then return end
  local arguments = { 'TS.MADD' }
  for i = 1, #cells do
    local done, vector = pcall(cmsgpack.unpack, vectors[i] or '\\144')
    if not done or type(vector) ~= 'table' then vector = {} end
    for j = 1, #vector, 2 do
      local code, value, size = vector[j], vector[j + 1], #arguments
      local part = PARTS[code]
      if part then
        local series = tenantKey .. 'ts:' .. tier .. ':' .. part .. ':' .. cells[i]
        keep(series, tier, code, cells[i])
        arguments[size + 1], arguments[size + 2] = series, startMs
        arguments[size + 3] = format(value % 1 == 0 and '%.0f' or '%.17g', value)
        work = work + 1
      end
    end
  end
  write(arguments)
end

-- Everything of the bucket is published: its hash has done its work when it is no longer hot.
local function finish(member, key, tier, bucketEnd)
  call('ZREM', KEYS[1], member)
  local expiry = bucketEnd + HOT[tier] + ${HASH_GRACE_SECONDS}
  if now >= expiry then call('UNLINK', key) else call('EXPIREAT', key, expiry, 'LT') end
  if now - bucketEnd > HOT[tier] then
    -- Who read the series since the bucket was written has the older value.
    call('ZADD', KEYS[2], format('%.0f', nowMs), member)
    call('EXPIRE', KEYS[2], ${SEEN_SECONDS})
  end
end

local function publish(member)
  local tier, start = match(member, '^(%w+):(%d+)$')
  if not SECONDS[tier] then return call('ZREM', KEYS[1], member) end
  local key = tenantKey .. 's:' .. member
  while work < ${VALUES_PER_RUN} do
    local cells = call('SRANDMEMBER', key .. ':d', ${CELLS_PER_STEP})
    if #cells == 0 then return finish(member, key, tier, tonumber(start) + SECONDS[tier]) end
    publishCells(key, tier, start .. '000', cells)
    call('SREM', key .. ':d', unpack(cells))
  end
end

local members = call('ZRANGE', KEYS[1], '-inf', format('%.0f', dueMs), 'BYSCORE', 'LIMIT', 0, ${BUCKETS_PER_RUN})
for i = 1, #members do
  if work >= ${VALUES_PER_RUN} then break end
  publish(members[i])
end
if refused > 0 then call('HSET', KEYS[4], 'refusedOperations', (tonumber(call('HGET', KEYS[4], 'refusedOperations')) or 0) + refused) end
local isMore = #members > 0 and call('ZCOUNT', KEYS[1], '-inf', format('%.0f', dueMs)) or 0
return { nowMs, dueMs, written, refused, firstRefusal, isMore }
`)
