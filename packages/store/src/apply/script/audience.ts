/** Last seen of users and sessions, totals of users, users of a day. */
export const AUDIENCE = /* lua */ `
-- New sessions by index of the user's key. A session is new when it has not been seen for a day.
local newSessions = {}
if renews or #plan[P_SEEN_USERS] > 0 then
  local counted = {}
  local function countNewSessions(sessions, owners)
    local held = attempt(#sessions, 'ZMSCORE', KEYS[SEEN_SESSIONS], unpack(sessions))
    for i = 1, held and #held or 0 do
      if not held[i] and not counted[sessions[i]] then
        counted[sessions[i]] = true
        newSessions[owners[i]] = (newSessions[owners[i]] or 0) + 1
      end
    end
  end

  local function renewSeen(key)
    attempt(1, 'ZREMRANGEBYSCORE', key, '-inf', nowMs - SEEN_SECONDS * 1000)
    attempt(1, 'EXPIRE', key, SEEN_SECONDS + 3600)
  end

  -- users and sessions: slices of flat lists of time and member, as ZADD takes them; names and owners: of sessions that may be new.
  local function writeSeen(users, sessions, names, owners)
    for i = 1, #users do attempt(#users[i] / 2, 'ZADD', KEYS[SEEN_USERS], 'GT', unpack(users[i])) end
    for i = 1, #names do countNewSessions(names[i], owners[i]) end
    for i = 1, #sessions do attempt(#sessions[i] / 2, 'ZADD', KEYS[SEEN_SESSIONS], 'GT', unpack(sessions[i])) end
    if renews then
      renewSeen(KEYS[SEEN_USERS])
      renewSeen(KEYS[SEEN_SESSIONS])
    end
  end
  writeSeen(plan[P_SEEN_USERS], plan[P_SEEN_SESSIONS], plan[P_SESSION_NAMES], plan[P_SESSION_OWNERS])
end
if #plan[P_USERS] > 0 or next(newSessions) then
  local function lastSeenOf(list)
    for i = #list - 1, 1, -2 do
      if list[i] == LAST_SEEN then return list[i + 1] end
    end
    return nil
  end

  -- user: index of the key, name, last seen, fields (the first is t), rows. Raises what Redis refuses.
  local function mergeUser(user)
    local key, fields, deltas = KEYS[user[1]], user[4], user[5]
    local sessions = newSessions[user[1]]
    if sessions then deltas[1] = addVector(pack({ SESSIONS, sessions }), deltas[1]) end
    if folded then fields, deltas = foldFields(fields, deltas, addVector) end
    local held = call('HMGET', key, 'n', unpack(fields))
    local set, size = {}, 0
    if held[1] ~= user[2] then
      set[1], set[2], size = 'n', user[2], 2
    end
    local totals, isRenewed = held[2], true
    if totals then
      -- A user's hash is renewed when its last-seen time enters another hour.
      totals = readVector(totals)
      local before = lastSeenOf(totals)
      isRenewed = not before or user[3] == 0 or floor(user[3] / 3600000) > floor(before / 3600000)
      totals = pack(addLists(totals, readVector(deltas[1])))
    end
    set[size + 1], set[size + 2] = 't', totals or deltas[1]
    for i = 2, #fields do
      size = size + 2
      local value = held[i + 1]
      set[size + 1], set[size + 2] = fields[i], value and addVector(value, deltas[i]) or deltas[i]
    end
    call('HSET', key, unpack(set))
    newSessions[user[1]] = nil
    if isRenewed then call('EXPIRE', key, USER_TTL) end
  end

  local function writeUsers(users)
    for i = 1, #users do
      local done, reason = pcall(mergeUser, users[i])
      if not done then refuse(1, reason) end
    end
    for keyIndex, sessions in pairs(newSessions) do
      local delta = pack({ SESSIONS, sessions })
      if addRows(KEYS[keyIndex], { 't' }, { delta }, addVector) then attempt(1, 'EXPIRE', KEYS[keyIndex], USER_TTL) end
    end
  end
  writeUsers(plan[P_USERS])
end
-- day: key index, end, expiry, user keys
for i = 1, #plan[P_DAYS] do
  local day = plan[P_DAYS][i]
  if bucketTakes(day[2]) then
    local changed = attempt(#day[4], 'PFADD', KEYS[day[1]], unpack(day[4]))
    if changed == 1 then attempt(1, 'EXPIREAT', KEYS[day[1]], day[3], 'NX') end
  end
end
`
