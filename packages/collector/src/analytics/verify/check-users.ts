/** Users: their totals against their own cells, and all of them together against the cells. */
import { CODE, type StoreReader, type Sums, tenantKeys, type UserTotals } from '@aiwatch/store'
import { countCalls } from '../sums.ts'
import { addCells, type CellSums, type Difference } from './difference.ts'

/** Users read in one round trip. */
const PAGE = 250
/** Differences of users that are kept; there may be as many as users. */
const MAX_DIFFERENCES = 200

const FIELDS = [
  ['calls', CODE.calls],
  ['errors', CODE.errors],
  ['inputTokens', CODE.inputTokens],
  ['outputTokens', CODE.outputTokens],
  ['costNanoUsd', CODE.costNanoUsd],
] as const satisfies readonly (readonly [keyof UserTotals, number])[]

const METRIC: Record<(typeof FIELDS)[number][0], string> = {
  calls: 'calls',
  errors: 'errors',
  inputTokens: 'tokens input',
  outputTokens: 'tokens output',
  costNanoUsd: 'cost_nano_usd',
}

export interface UsersCheck {
  users: number
  compared: number
  differences: Difference[]
}

export interface UsersSources {
  reader: StoreReader
  /** Pages of keys of users; a user may come twice. */
  pages: AsyncIterable<string[]>
  /** Told of the number of users so far. */
  onProgress(users: number): void
}

function compareUser(user: UserTotals, key: string): Difference[] {
  const cells = [...(user.cells?.values() ?? [])]
  const differences: Difference[] = []
  for (const [field, code] of FIELDS) {
    const expected = cells.reduce((sum, own) => sum + (own.get(code) ?? 0), 0)
    const found = user[field]
    const what = `the totals of user ${JSON.stringify(user.name)} against the user's cells`
    if (found !== expected) differences.push({ check: 'users', what, metric: METRIC[field], expected, found, keys: [key] })
  }
  return differences
}

/** The value of a cell's totals that a code of users stands for: there calls are not split by outcome. */
function cellValue(sums: Sums, code: number): number {
  return code === CODE.calls ? countCalls(sums) : (sums.get(code) ?? 0)
}

/** After the users, since theirs are written after the cells': what users have is then at most what the cells have. */
async function compareCells(reader: StoreReader, byUsers: CellSums): Promise<Difference[]> {
  const totals = await reader.totals()
  const differences: Difference[] = []
  const key = tenantKeys(reader.tenant).totals
  for (const [cell, sums] of byUsers) {
    for (const [field, code] of FIELDS) {
      if (code === CODE.errors) continue
      const found = sums.get(code) ?? 0
      const expected = cellValue(totals.get(cell) ?? new Map(), code)
      const what = 'all users together against the lifetime totals (at most)'
      if (found > expected) differences.push({ check: 'users', what, cell, metric: METRIC[field], expected, found, keys: [key] })
    }
  }
  return differences
}

export async function checkUsers({ reader, pages, onProgress }: UsersSources): Promise<UsersCheck> {
  const keys = tenantKeys(reader.tenant)
  const seen = new Set<string>()
  const byUsers: CellSums = new Map()
  const differences: Difference[] = []
  for await (const page of pages) {
    const fresh = page.filter((user) => !seen.has(user))
    for (const user of fresh) seen.add(user)
    for (let from = 0; from < fresh.length; from += PAGE) {
      for (const user of await reader.users(fresh.slice(from, from + PAGE), { cells: true })) {
        if (!user) continue
        if (differences.length < MAX_DIFFERENCES) differences.push(...compareUser(user, keys.user(user.user)))
        addCells(byUsers, user.cells ?? new Map())
      }
    }
    onProgress(seen.size)
  }
  differences.push(...(await compareCells(reader, byUsers)))
  return { users: seen.size, compared: seen.size * FIELDS.length + byUsers.size * (FIELDS.length - 1), differences }
}
