/** The data that is left, what is known of losses, and the end of the guard. */
export const FINISH = /* lua */ `
local function writeRecent(calls)
  for i = 1, #calls do
    if i == #calls then
      attempt(1, 'XADD', KEYS[RECENT], 'MAXLEN', '~', RECENT_CALLS, '*', 'c', calls[i])
    else
      attempt(1, 'XADD', KEYS[RECENT], '*', 'c', calls[i])
    end
  end
end

local function announceLate()
  if #late == 0 then return end
  for from = 1, #late, SLICE do attempt(1, 'ZADD', KEYS[LATE], unpack(late, from, min(from + SLICE - 1, #late))) end
  attempt(1, 'ZREMRANGEBYSCORE', KEYS[LATE], '-inf', nowMs - SEEN_SECONDS * 1000)
  attempt(1, 'EXPIRE', KEYS[LATE], SEEN_SECONDS)
end

local function countAll(names, amounts)
  local function add(name, amount)
    if amount > 0 then
      names[#names + 1] = name
      amounts[#amounts + 1] = amount
    end
  end
  add('appliedBatches', 1)
  add('refusedOperations', refusedOperations)
  add('lateCalls', lateCalls)
  add('lateRefusedCalls', lateRefusedCalls)
  add('foldedCells', foldedCells)
  count(names, amounts)
end

for i = 1, #plan[P_HASHES] do addRows(KEYS[plan[P_HASHES][i][1]], plan[P_HASHES][i][2], plan[P_HASHES][i][3], addVector) end
writeSeries(plan[P_SERIES])
for i = 1, #plan[P_SKETCHES] do writeBucket(plan[P_SKETCHES][i], addCounters) end
writeRecent(plan[P_RECENT])
announceLate()
countAll(plan[P_COUNTERS], plan[P_COUNTED])
attempt(1, 'HSET', KEYS[GUARD], 'last', ARGV[1])
return { 'applied', sequence, nowMs, refusedOperations, firstRefusal, lateCalls, lateRefusedCalls, foldedCells }
`
