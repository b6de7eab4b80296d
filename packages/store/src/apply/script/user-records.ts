import { CELL_ID_BYTES, DOUBLES_FORM, RECORD_FORMS, RECORD_HEAD_BYTES, USER_CODES } from '../../audience/user-record.ts'

const formatOf = (widths: readonly number[], form: number) => widths.map((bytes) => (form === DOUBLES_FORM ? 'd' : `I${bytes}`)).join('')
const heads = RECORD_FORMS.map(({ seen, values }, i) => `'<${formatOf([...seen, ...values], i + 1)}'`)
const rows = RECORD_FORMS.map(({ values }, i) => `'c${CELL_ID_BYTES}${formatOf(values, i + 1)}'`)
/** Greatest numbers of each form: of the head, then of a cell, whose id has none. */
const greatest = RECORD_FORMS.map(({ seen, values }, i) =>
  [...seen, ...values].map((bytes) => (i + 1 === DOUBLES_FORM ? 'math.huge' : 256 ** bytes - 1)),
)

/** Numbers before the first cell, and entries of a cell: its id and its values. */
const HEAD = 3 + USER_CODES.length
const ROW = 1 + USER_CODES.length
/** A Lua list of what is told of each value of a cell, counted from 1. */
const columns = (each: (column: number) => string) => USER_CODES.map((_, i) => each(i + 1)).join(', ')
/** A record of more cells than this is searched by a table of its ids. */
const FEW_CELLS = 64

/** Adds records of users; their form is described in `audience/user-record.ts`. */
export const USER_RECORDS = /* lua */ `
  local packBytes, unpackBytes, rep = struct.pack, struct.unpack, string.rep
  local headFormats, rowFormats, formats = { ${heads.join(', ')} }, { ${rows.join(', ')} }, { {}, {}, {} }
  local greatest = { ${greatest.map((numbers) => `{ ${numbers.join(', ')} }`).join(', ')} }

  local function formatOf(form, cells)
    local known = formats[form]
    local format = known[cells]
    if not format then
      format = headFormats[form] .. rep(rowFormats[form], cells)
      known[cells] = format
    end
    return format
  end

  -- The form, and a flat list: last seen, first seen, sessions, totals; then the id and the values of each cell.
  local function readRecord(packed)
    local form, low, high = byte(packed, 1, ${RECORD_HEAD_BYTES})
    local list = { unpackBytes(formatOf(form, high * 256 + low), packed, ${RECORD_HEAD_BYTES + 1}) }
    local size = #list
    -- After the values struct gives the position where it stopped.
    if list[size] ~= #packed + 1 then error('not the record of a user') end
    list[size] = nil
    return form, list
  end

  -- Whether a form holds numbers without fractions.
  local function holds(form, list)
    local most = greatest[form]
    for i = 1, ${HEAD} do
      if list[i] > most[i] then return false end
    end
    for i = ${HEAD + 1}, #list, ${ROW} do
      for column = 1, ${USER_CODES.length} do
        if list[i + column] > most[column + 3] then return false end
      end
    end
    return true
  end

  local function packRecord(form, list)
    local cells = (#list - ${HEAD}) / ${ROW}
    return string.char(form, cells % 256, floor(cells / 256)) .. packBytes(formatOf(form, cells), unpack(list))
  end

  -- Where each cell of a long list is.
  local function indexCells(list)
    local positions = {}
    for i = ${HEAD + 1}, #list, ${ROW} do positions[list[i]] = i end
    return positions
  end

  -- Adds delta to list, which is changed. Answers the form of the sum; the given one holds both.
  local function addRecord(form, list, delta)
    list[1] = max(list[1], delta[1])
    if delta[2] > 0 and (list[2] == 0 or delta[2] < list[2]) then list[2] = delta[2] end
    for i = 3, ${HEAD} do list[i] = list[i] + delta[i] end
    local most = greatest[form]
    local ${columns((i) => `most${i}`)} = ${columns((i) => `most[${i + 3}]`)}
    local isHeld = list[3] <= most[3]${USER_CODES.map((_, i) => ` and list[${i + 4}] <= most${i + 1}`).join('')}
    local size = #list
    local positions = size > ${HEAD + FEW_CELLS * ROW} and indexCells(list)
    local at = ${HEAD + 1}
    for i = ${HEAD + 1}, #delta, ${ROW} do
      local id, from = delta[i], at
      if positions then
        at = positions[id] or size + 1
      else
        -- Cells mostly come in the order in which they are held: the search goes on where the last one was found.
        while at <= size and list[at] ~= id do at = at + ${ROW} end
        if at > size then
          at = ${HEAD + 1}
          while at < from and list[at] ~= id do at = at + ${ROW} end
          if at >= from then at = size + 1 end
        end
      end
      if at > size then
        for column = 0, ${USER_CODES.length} do list[at + column] = delta[i + column] end
        size = size + ${ROW}
        if positions then positions[id] = at end
      else
        local ${columns((i) => `sum${i}`)} = ${columns((i) => `list[at + ${i}] + delta[i + ${i}]`)}
        ${columns((i) => `list[at + ${i}]`)} = ${columns((i) => `sum${i}`)}
        if ${USER_CODES.map((_, i) => `sum${i + 1} > most${i + 1}`).join(' or ')} then isHeld = false end
      end
      at = at + ${ROW}
    end
    if isHeld then return form end
    while not holds(form, list) do form = form + 1 end
    return form
  end

  -- The form and the list of the same record, its cells beyond the tenant's limit as one.
  local function foldRecord(form, list)
    local kept = { unpack(list, 1, ${HEAD}) }
    for i = ${HEAD + 1}, #list, ${ROW} do
      local one = { ${Array.from({ length: HEAD }, () => 0).join(', ')}, unpack(list, i, i + ${USER_CODES.length}) }
      if folded[list[i]] then one[${HEAD + 1}] = OTHER_ID end
      form = addRecord(form, kept, one)
    end
    return form, kept
  end

  -- Key, name, packed record, new sessions. Raises what Redis refuses.
  local function writeUser(key, name, packed, sessions)
    local held = call('HGET', key, 'r')
    local isNamed, isRenewed = false, true
    if held or sessions or folded then
      local form, delta = readRecord(packed)
      local list
      if sessions then delta[3] = delta[3] + sessions end
      if folded then form, delta = foldRecord(form, delta) end
      if held then
        local heldForm
        heldForm, list = readRecord(held)
        -- A user's hash is renewed when its last-seen time enters another hour.
        isNamed, isRenewed = list[1] > 0, delta[1] == 0 or list[1] == 0 or floor(delta[1] / 3600000) > floor(list[1] / 3600000)
        form = addRecord(max(form, heldForm), list, delta)
      else
        list = delta
      end
      packed = packRecord(form, list)
    end
    if isNamed or not name then call('HSET', key, 'r', packed) else call('HSET', key, 'n', name, 'r', packed) end
    if isRenewed then call('EXPIRE', key, USER_TTL) end
  end
`
