/**
 * Start of the apply script: what every part uses. Redis does not roll back, so each data operation is protected and what is
 * refused is counted. Numbers go to `redis.call` as numbers (Redis writes them with 17 digits); Lua's own `tostring` rounds from 10^14.
 */
export const PRELUDE = /* lua */ `
local pack, unpackMessage = cmsgpack.pack, cmsgpack.unpack
local call, pcallRedis = redis.call, redis.pcall
local floor, max, min, sub = math.floor, math.max, math.min, string.sub

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

-- Adds delta to stored: flat lists of code and value, codes ascending. Changes stored, or answers a new list.
local function merge(stored, delta, isSketch)
  local at, length, missing = 1, #stored, nil
  for i = 1, #delta, 2 do
    local code, value = delta[i], delta[i + 1]
    while at <= length and stored[at] < code do at = at + 2 end
    if stored[at] == code then
      local held = stored[at + 1]
      if isSketch or code < LAST_SEEN or code >= AFTER_EXTREMES then
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

-- Cells beyond the tenant's limit: id to true. Fields end in the 8 characters of a cell id.
local folded, foldedCells = nil, 0
local function foldFields(fields, deltas, isSketch)
  local positions, keptFields, keptDeltas = {}, {}, {}
  for i = 1, #fields do
    local field = fields[i]
    if folded[sub(field, -8)] then field = sub(field, 1, -9) .. OTHER_ID end
    local position = positions[field]
    if position then
      keptDeltas[position] = merge(keptDeltas[position], deltas[i], isSketch)
    else
      keptFields[#keptFields + 1] = field
      keptDeltas[#keptFields] = deltas[i]
      positions[field] = #keptFields
    end
  end
  return keptFields, keptDeltas
end

-- Raises what Redis refuses; whether a field is new.
local function mergeHash(key, fields, deltas, isSketch)
  if folded then fields, deltas = foldFields(fields, deltas, isSketch) end
  local held = call('HMGET', key, unpack(fields))
  local set, isNew = {}, false
  for i = 1, #fields do
    local value = held[i]
    set[i * 2 - 1] = fields[i]
    if value then
      set[i * 2] = pack(merge(unpackMessage(value), deltas[i], isSketch))
    else
      isNew = true
      set[i * 2] = pack(deltas[i])
    end
  end
  call('HSET', key, unpack(set))
  return isNew
end

-- Adds a vector to each of some fields of a hash. Absolute totals are written: see count. Whether a field is new; nil when refused.
local function addVectors(key, fields, deltas, isSketch)
  local done, answer = pcall(mergeHash, key, fields, deltas, isSketch)
  if done then return answer end
  refuse(#fields, answer)
  return nil
end

-- Buckets that were written after they closed: flat list of score and member for ZADD.
local late, lateCalls, lateRefusedCalls = {}, 0, 0
-- True when a bucket takes writes.
local function bucketTakes(bucketEnd, member)
  if now - bucketEnd <= CLOSED_SECONDS then return true, false end
  if now - bucketEnd > MAX_LATENESS then return false, false end
  if member then
    late[#late + 1] = nowMs
    late[#late + 1] = member
  end
  return true, true
end

-- bucket: key index, end, expiry, member of late, calls that count as late, calls that count as refused, fields, vectors
local function writeBucket(bucket, isSketch)
  local takes, isLate = bucketTakes(bucket[2], bucket[4])
  if not takes then
    lateRefusedCalls = lateRefusedCalls + bucket[6]
    return
  end
  if isLate then lateCalls = lateCalls + bucket[5] end
  if now >= bucket[3] then return end
  local key = KEYS[bucket[1]]
  if addVectors(key, bucket[7], bucket[8], isSketch) then attempt(1, 'EXPIREAT', key, bucket[3], 'NX') end
end
`
