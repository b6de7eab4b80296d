/** Leaderboards of the hour. */
export const BOARDS_SCRIPT = /* lua */ `
if #plan[P_BOARDS] > 0 then
  local format = string.format
  -- board: key index, end, expiry, member of late, members, what each gained, when it closed
  local function writeBoard(board)
    if not bucketTakes(board[2], board[7], board[4]) then return end
    local key, members, gains = KEYS[board[1]], board[5], board[6]
    local held = attempt(#members, 'ZMSCORE', key, unpack(members))
    if not held then return end
    local set, isNew = {}, false
    for i = 1, #members do
      local score = held[i]
      if not score then isNew = true end
      score = (tonumber(score) or 0) + gains[i]
      -- Redis takes longer to make a text of a number than Lua of an integer.
      set[i * 2 - 1] = score % 1 == 0 and format('%d', score) or score
      set[i * 2] = members[i]
    end
    if attempt(#members, 'ZADD', key, unpack(set)) and isNew then attempt(1, 'EXPIREAT', key, board[3], 'NX') end
  end

  for i = 1, #plan[P_BOARDS] do writeBoard(plan[P_BOARDS][i]) end
end
`
