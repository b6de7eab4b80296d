/** Adds the counters of sketches; their form is described in `unpack-counters.ts`. */
export const SKETCHES = /* lua */ `
if #plan[P_SKETCHES] > 0 then
  local COUNTER_FORMATS = { [1] = 'B', [2] = 'H', [4] = 'I4', [8] = 'd' }
  local packBytes, unpackBytes = struct.pack, struct.unpack
  local char, rep = string.char, string.rep

  -- Bytes per counter, first index, counters.
  local function readCounters(packed)
    local bytes, high, low = byte(packed, 1, 3)
    local counters
    if bytes == 1 then
      counters = { byte(packed, 4, -1) }
    else
      counters = { unpackBytes('>' .. rep(COUNTER_FORMATS[bytes], (#packed - 3) / bytes), packed, 4) }
      -- After the values struct gives the position where it stopped.
      counters[#counters] = nil
    end
    return bytes, high * 256 + low, counters
  end

  local function widen(counters, by, length)
    local wide, held = {}, #counters
    for i = 1, by do wide[i] = 0 end
    for i = 1, held do wide[by + i] = counters[i] end
    for i = by + held + 1, length do wide[i] = 0 end
    return wide
  end

  local function addCounters(stored, delta)
    local bytes, first, counters = readCounters(stored)
    local _, deltaFirst, gained = readCounters(delta)
    local start = min(first, deltaFirst)
    local length = max(first + #counters, deltaFirst + #gained) - start
    if length > #counters then counters = widen(counters, first - start, length) end
    local offset, greatest = deltaFirst - start, 0
    for i = 1, #gained do
      local gain = gained[i]
      if gain > 0 then
        gain = gain + counters[i + offset]
        counters[i + offset] = gain
        if gain > greatest then greatest = gain end
      end
    end
    while bytes < 8 and greatest >= 256 ^ bytes do bytes = bytes * 2 end
    if bytes == 1 then return char(1, floor(start / 256), start % 256, unpack(counters)) end
    return packBytes('>BH' .. rep(COUNTER_FORMATS[bytes], length), bytes, start, unpack(counters))
  end

  for i = 1, #plan[P_SKETCHES] do writeBucket(plan[P_SKETCHES][i], addCounters) end
end
`
