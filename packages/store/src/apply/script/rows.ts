/** Adds rows to hashes, and decides which time buckets take writes. */
export const ROWS = /* lua */ `
local pack, unpackFrom = cmsgpack.pack, cmsgpack.unpack_limit
local byte, sub = string.byte, string.sub

local function listOf(_, ...) return { ... } end

-- The flat list of code and value in a packed array of numbers. cmsgpack's own way to make a table of an array takes twice as long.
local function readVector(packed)
  local head = byte(packed)
  if head >= 144 and head < 160 then return listOf(unpackFrom(packed, 8000, 1)) end
  if head == 220 then return listOf(unpackFrom(packed, 8000, 3)) end
  error('not a packed vector')
end

local function combine(code, held, gain)
  if code >= LAST_SEEN and code < FIRST_SEEN then return max(held, gain) end
  if code >= FIRST_SEEN and code < AFTER_EXTREMES then return min(held, gain) end
  local sum = held + gain
  -- Times have three decimals at most: sums are rounded to them, so that they do not depend on the order of additions.
  return sum % 1 == 0 and sum or floor(sum * 1000 + 0.5) / 1000
end

-- The same as addLists, where delta has codes that stored does not have. Codes before the index from are done.
local function mergeLists(stored, delta, from)
  local merged, size, at, length = {}, from - 1, from, #stored
  for i = 1, size do merged[i] = stored[i] end
  for i = from, #delta, 2 do
    local code, value = delta[i], delta[i + 1]
    while at <= length and stored[at] < code do
      merged[size + 1], merged[size + 2] = stored[at], stored[at + 1]
      size, at = size + 2, at + 2
    end
    if stored[at] == code then
      value, at = combine(code, stored[at + 1], value), at + 2
    end
    merged[size + 1], merged[size + 2] = code, value
    size = size + 2
  end
  for i = at, length do
    size = size + 1
    merged[size] = stored[i]
  end
  return merged
end

-- Adds delta to stored: flat lists of code and value, codes ascending. Changes stored, or answers a new list.
local function addLists(stored, delta)
  for i = 1, #delta, 2 do
    local code = delta[i]
    if stored[i] ~= code then return mergeLists(stored, delta, i) end
    if code < FIRST_TIME then
      stored[i + 1] = stored[i + 1] + delta[i + 1]
    else
      stored[i + 1] = combine(code, stored[i + 1], delta[i + 1])
    end
  end
  return stored
end

local function addVector(stored, delta)
  return pack(addLists(readVector(stored), readVector(delta)))
end

-- Cells beyond the tenant's limit: id to true. Fields end in the 8 characters of a cell id.
local folded, foldedCells = nil, 0
local function foldFields(fields, deltas, add)
  local positions, keptFields, keptDeltas = {}, {}, {}
  for i = 1, #fields do
    local field = fields[i]
    if folded[sub(field, -8)] then field = sub(field, 1, -9) .. OTHER_ID end
    local position = positions[field]
    if position then
      keptDeltas[position] = add(keptDeltas[position], deltas[i])
    else
      keptFields[#keptFields + 1] = field
      keptDeltas[#keptFields] = deltas[i]
      positions[field] = #keptFields
    end
  end
  return keptFields, keptDeltas
end

-- Raises what Redis refuses; whether a field is new. Rows are packed; add makes one of two.
local function mergeHash(key, fields, deltas, add)
  if folded then fields, deltas = foldFields(fields, deltas, add) end
  local held = call('HMGET', key, unpack(fields))
  local set, isNew = {}, false
  for i = 1, #fields do
    local value = held[i]
    set[i * 2 - 1] = fields[i]
    if value then
      set[i * 2] = add(value, deltas[i])
    else
      isNew = true
      set[i * 2] = deltas[i]
    end
  end
  call('HSET', key, unpack(set))
  return isNew
end

-- Adds a row to each of some fields of a hash. Absolute totals are written: see count. Whether a field is new; nil when refused.
local function addRows(key, fields, deltas, add)
  local done, answer = pcall(mergeHash, key, fields, deltas, add)
  if done then return answer end
  refuse(#fields, answer)
  return nil
end

-- Buckets that were written after they closed: flat list of score and member for ZADD.
local late, lateCalls, lateRefusedCalls = {}, 0, 0
-- Rows of buckets that are kept as time series only; see timeseries-module.ts.
local coldRows = 0
-- Whether a bucket takes writes, and whether one is late: after the instant in which it closed.
local function bucketTakes(bucketEnd, closed, member)
  if now <= closed then return true, false end
  if now - bucketEnd > MAX_LATENESS then return false, false end
  if member then
    late[#late + 1] = nowMs
    late[#late + 1] = member
  end
  return true, true
end

-- bucket: key index, end, expiry, member of late, calls that count as late, calls that count as refused, fields, vectors, when it closed.
-- before is called with the bucket and its key once it is known to take writes.
local function writeBucket(bucket, add, before)
  local takes, isLate = bucketTakes(bucket[2], bucket[9], bucket[4])
  if not takes then
    lateRefusedCalls = lateRefusedCalls + bucket[6]
    return
  end
  if isLate then lateCalls = lateCalls + bucket[5] end
  if now >= bucket[3] then return end
  local key = KEYS[bucket[1]]
  if before then before(bucket, key) end
  if addRows(key, bucket[7], bucket[8], add) then attempt(1, 'EXPIREAT', key, bucket[3], 'NX') end
end
`
