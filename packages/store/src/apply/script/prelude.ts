/**
 * Start of the apply script: what every part uses. Names in capitals are numbers and texts, put in by `buildApplyScript`. Functions that not
 * every batch needs are made where they are needed: making one costs up to a microsecond. Redis does not roll back, so each data
 * operation is protected and what is refused is counted. Numbers go to `redis.call` as numbers (Redis writes them with 17 digits):
 * Lua's own `tostring` rounds from 10^14.
 */
export const PRELUDE = /* lua */ `
local call, pcallRedis = redis.call, redis.pcall
local floor, max, min = math.floor, math.max, math.min

local time = call('TIME')
local now = tonumber(time[1])
local nowMs = now * 1000 + floor(tonumber(time[2]) / 1000)

local refusedOperations, firstRefusal = 0, ''
local function refuse(operations, reason)
  if type(reason) == 'table' then reason = reason.err end
  if refusedOperations == 0 then firstRefusal = tostring(reason) end
  refusedOperations = refusedOperations + operations
end

-- The reply of a command, or nil when Redis refuses it.
local function attempt(operations, ...)
  local reply = pcallRedis(...)
  if type(reply) == 'table' and reply.err then
    refuse(operations, reply)
    return nil
  end
  return reply
end

-- Adds to the counters of a hash. Absolute values: a replayed half of a transaction changes nothing.
local function count(key, names, amounts)
  local held = pcallRedis('HMGET', key, unpack(names))
  if held.err then return end
  local set = {}
  for i = 1, #names do
    set[i * 2 - 1] = names[i]
    set[i * 2] = (tonumber(held[i]) or 0) + amounts[i]
  end
  pcallRedis('HSET', key, unpack(set))
end
`
