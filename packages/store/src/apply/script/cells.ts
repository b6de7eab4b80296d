/** Enters the batch's cells; a tenant that has its most folds further new ones into `other`. */
export const CELLS = /* lua */ `
if #plan[P_CELL_IDS] > 0 then
  local function fold(id)
    if not folded then
      folded = {}
      attempt(1, 'HSETNX', KEYS[CELLS], OTHER_ID, OTHER_NAMES)
    end
    folded[id] = true
    foldedCells = foldedCells + 1
  end

  local function enterCells(ids, names)
    for from = 1, #ids, SLICE do
      local held = attempt(1, 'HMGET', KEYS[CELLS], unpack(ids, from, min(from + SLICE - 1, #ids)))
      local size
      for i = 1, held and #held or 0 do
        if not held[i] then
          local id = ids[from + i - 1]
          size = size or attempt(1, 'HLEN', KEYS[CELLS])
          if size and size >= MAX_CELLS and id ~= OTHER_ID then
            fold(id)
          else
            attempt(1, 'HSET', KEYS[CELLS], id, names[from + i - 1])
            if size then size = size + 1 end
          end
        end
      end
    end
  end
  enterCells(plan[P_CELL_IDS], plan[P_CELL_NAMES])
end
`
