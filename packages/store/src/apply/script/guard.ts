/**
 * Only the batch after the last one is applied. The guard's `first` is written before the data and `last` after it: where they differ, a cut
 * append-only file made Redis replay the first half of a batch (the transaction that it left open runs at the start after the next). How much
 * of it is in the totals cannot be known, so the batch is given up, once, and the guard repaired.
 */
export const GUARD = /* lua */ `
local sequence = tonumber(ARGV[1])
local guard = call('HMGET', KEYS[GUARD], 'first', 'last', 'counted')
local first, last = tonumber(guard[1]) or 0, tonumber(guard[2]) or 0
local answer, counter
if first ~= last then
  answer, counter = 'torn', 'tornWriters'
  -- The batch that is given up does not count as applied.
  local counted = (tonumber(guard[3]) or min(first, last)) + max(first, last) - min(first, last)
  last = max(first, last)
  call('HSET', KEYS[GUARD], 'first', last, 'last', last, 'counted', counted)
elseif sequence <= last then
  answer, counter = 'duplicate', 'duplicateBatches'
elseif sequence > last + 1 then
  answer, counter = 'gap', 'gapBatches'
end
if answer then
  count(KEYS[INTEGRITY], { counter }, { 1 })
  -- A guard made here would never expire.
  if last > 0 then count(KEYS[GUARD], { counter }, { 1 }) end
  return { answer, last, nowMs }
end
if tonumber(ARGV[2]) > nowMs + FUTURE_TOLERANCE_MS then return { 'future', last, nowMs } end
-- Once an hour, and for a guard that has just been made.
local renews = last == 0 or ARGV[3] == '1'
local backend = renews and call('GET', KEYS[BACKEND])
if backend and backend ~= BACKEND_NAME then return { 'backend', last, nowMs, backend } end

local plan = cmsgpack.unpack(ARGV[5])
call('HSET', KEYS[GUARD], 'first', ARGV[1])
if renews then
  if not backend then attempt(1, 'SET', KEYS[BACKEND], BACKEND_NAME) end
  if ARGV[6] ~= '' then attempt(1, 'HSET', KEYS[GUARD], 'name', ARGV[6]) end
  attempt(1, 'EXPIRE', KEYS[GUARD], GUARD_TTL)
  attempt(1, 'ZADD', KEYS[WRITERS], now, ARGV[4])
  attempt(1, 'ZREMRANGEBYSCORE', KEYS[WRITERS], '-inf', now - GUARD_TTL)
  attempt(1, 'EXPIRE', KEYS[WRITERS], GUARD_TTL)
end
`
