/** What is kept for ever: lifetime totals and error patterns. */
export const HASHES = /* lua */ `
-- hash: key index, fields, rows
for i = 1, #plan[P_HASHES] do
  local hash = plan[P_HASHES][i]
  addRows(KEYS[hash[1]], hash[2], hash[3], addVector)
end
`
