/**
 * Start of the apply script: what every part uses. Redis does not roll back, so each data operation is protected and what is
 * refused is counted. Numbers go to `redis.call` as numbers (Redis writes them with 17 digits); Lua's own `tostring` rounds from 10^14.
 */
export const PRELUDE = /* lua */ `
local pack, unpackMessage, unpackFrom = cmsgpack.pack, cmsgpack.unpack, cmsgpack.unpack_limit
local call, pcallRedis = redis.call, redis.pcall
local floor, max, min = math.floor, math.max, math.min
local byte, char, rep, sub, format = string.byte, string.char, string.rep, string.sub, string.format

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

-- Adds to the counters of integrity. Absolute values: a replayed half of a transaction changes nothing.
local function count(names, amounts)
  local held = pcallRedis('HMGET', KEYS[INTEGRITY], unpack(names))
  if held.err then return end
  local set = {}
  for i = 1, #names do
    set[i * 2 - 1] = names[i]
    set[i * 2] = (tonumber(held[i]) or 0) + amounts[i]
  end
  pcallRedis('HSET', KEYS[INTEGRITY], unpack(set))
end

local function listOf(_, ...) return { ... } end

-- The flat list of code and value in a packed array of numbers. cmsgpack's own way to make a table of an array takes twice as long.
local function readVector(packed)
  local head = byte(packed)
  if head >= 144 and head < 160 then return listOf(unpackFrom(packed, 8000, 1)) end
  if head == 220 then return listOf(unpackFrom(packed, 8000, 3)) end
  error('not a packed vector')
end

-- Adds delta to stored: flat lists of code and value, codes ascending. Changes stored, or answers a new list.
local function addLists(stored, delta)
  local at, length, missing = 1, #stored, nil
  for i = 1, #delta, 2 do
    local code, value = delta[i], delta[i + 1]
    while at <= length and stored[at] < code do at = at + 2 end
    if stored[at] == code then
      local held = stored[at + 1]
      if code < LAST_SEEN or code >= AFTER_EXTREMES then
        value = held + value
        if value % 1 ~= 0 then value = floor(value * 1000 + 0.5) / 1000 end
        stored[at + 1] = value
      elseif code < FIRST_SEEN then
        stored[at + 1] = max(held, value)
      else
        stored[at + 1] = min(held, value)
      end
    else
      missing = missing or {}
      missing[#missing + 1] = code
      missing[#missing + 1] = value
    end
  end
  if not missing then return stored end
  local merged, size, j, absent = {}, 0, 1, #missing
  for i = 1, length, 2 do
    while j <= absent and missing[j] < stored[i] do
      merged[size + 1], merged[size + 2] = missing[j], missing[j + 1]
      size, j = size + 2, j + 2
    end
    merged[size + 1], merged[size + 2] = stored[i], stored[i + 1]
    size = size + 2
  end
  for i = j, absent do
    size = size + 1
    merged[size] = missing[i]
  end
  return merged
end

local function addVector(stored, delta)
  return pack(addLists(readVector(stored), readVector(delta)))
end
`
