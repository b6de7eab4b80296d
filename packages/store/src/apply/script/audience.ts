import { USER_RECORDS } from './user-records.ts'

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
${USER_RECORDS}
  -- user: index of the key, name, packed record
  local users = plan[P_USERS]
  for i = 1, #users do
    local user = users[i]
    local done, reason = pcall(writeUser, KEYS[user[1]], user[2], user[3], newSessions[user[1]])
    if not done then refuse(1, reason) end
    newSessions[user[1]] = nil
  end
  -- Sessions that come before the totals of their user.
  local nothing = next(newSessions) and packRecord(1, { 0, 0, 0, 0, 0, 0, 0, 0 })
  for keyIndex, sessions in pairs(newSessions) do
    local done, reason = pcall(writeUser, KEYS[keyIndex], nil, nothing, sessions)
    if not done then refuse(1, reason) end
  end
end
-- day: key index, end, expiry, user keys
for i = 1, #plan[P_DAYS] do
  local day = plan[P_DAYS][i]
  if bucketTakes(day[2], day[2]) then
    local changed = attempt(#day[4], 'PFADD', KEYS[day[1]], unpack(day[4]))
    if changed == 1 then attempt(1, 'EXPIREAT', KEYS[day[1]], day[3], 'NX') end
  end
end
`
