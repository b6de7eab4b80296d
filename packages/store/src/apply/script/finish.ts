/** The data that is left, what is known of losses, and the end of the guard. */
export const FINISH = /* lua */ `
local recent = plan[P_RECENT]
for i = 1, #recent - 1 do attempt(1, 'XADD', KEYS[RECENT], '*', 'c', recent[i]) end
if #recent > 0 then attempt(1, 'XADD', KEYS[RECENT], 'MAXLEN', '~', RECENT_CALLS, '*', 'c', recent[#recent]) end

if #late > 0 then
  for from = 1, #late, SLICE do attempt(1, 'ZADD', KEYS[LATE], unpack(late, from, min(from + SLICE - 1, #late))) end
  attempt(1, 'ZREMRANGEBYSCORE', KEYS[LATE], '-inf', nowMs - SEEN_SECONDS * 1000)
  attempt(1, 'EXPIRE', KEYS[LATE], SEEN_SECONDS)
end

local names, amounts = plan[P_COUNTERS], plan[P_COUNTED]
local found = { 'refusedOperations', refusedOperations, 'lateCalls', lateCalls, 'lateRefusedCalls', lateRefusedCalls, 'foldedCells', foldedCells }
for i = 2, #found, 2 do
  if found[i] > 0 then
    names[#names + 1] = found[i - 1]
    amounts[#amounts + 1] = found[i]
  end
end
if #names > 0 then count(KEYS[GUARD], names, amounts) end
if ARGV[7] ~= '0' then attempt(1, 'HSET', KEYS[GUARD], 'aheadMs', ARGV[7]) end
-- Batches are counted with the next one that has more than rows of fine buckets: each key that a small script touches costs a tenth of it.
if #names > 0 or renews or #plan[P_HASHES] > 0 then
  names[#names + 1] = 'appliedBatches'
  amounts[#amounts + 1] = sequence - (tonumber(guard[3]) or last)
  count(KEYS[INTEGRITY], names, amounts)
  attempt(1, 'HSET', KEYS[GUARD], 'last', ARGV[1], 'at', nowMs, 'counted', ARGV[1])
else
  attempt(1, 'HSET', KEYS[GUARD], 'last', ARGV[1], 'at', nowMs)
end
return { 'applied', sequence, nowMs, refusedOperations, firstRefusal, lateCalls, lateRefusedCalls, foldedCells, coldRows }
`
