import { CODE, OUTCOMES, openReader, type StoreReader, userKey } from '@aiwatch/store'
import { Redis } from 'ioredis'

/** What calls cost, by any name. */
export interface Tally {
  calls: number
  inputTokens: number
  outputTokens: number
}

/** The truth as the test knows it, kept apart from everything under test. */
export class Ledger {
  readonly models = new Map<string, Tally>()
  readonly users = new Map<string, Tally>()

  add(model: string, user: string, inputTokens: number, outputTokens: number): void {
    for (const [tallies, name] of [
      [this.models, model],
      [this.users, user],
    ] as const) {
      const tally = tallies.get(name) ?? { calls: 0, inputTokens: 0, outputTokens: 0 }
      tally.calls++
      tally.inputTokens += inputTokens
      tally.outputTokens += outputTokens
      tallies.set(name, tally)
    }
  }
}

/** Totals by model and by user as Redis has them. */
export async function readTallies(
  url: string,
  users: Iterable<string>,
): Promise<{ models: Map<string, Tally>; users: Map<string, Tally> }> {
  const redis = new Redis(url)
  try {
    const reader = openReader(redis, { tenant: 'default' })
    return { models: await tallyModels(reader), users: await tallyUsers(reader, [...users]) }
  } finally {
    redis.disconnect()
  }
}

async function tallyModels(reader: StoreReader): Promise<Map<string, Tally>> {
  const [cells, totals] = await Promise.all([reader.cells(), reader.totals()])
  const models = new Map<string, Tally>()
  for (const [cellId, sums] of totals) {
    const model = cells.get(cellId)?.model ?? `unnamed cell ${cellId}`
    const tally = models.get(model) ?? { calls: 0, inputTokens: 0, outputTokens: 0 }
    for (let code: number = CODE.callsOk; code < CODE.callsOk + OUTCOMES.length; code++) tally.calls += sums.get(code) ?? 0
    tally.inputTokens += sums.get(CODE.inputTokens) ?? 0
    tally.outputTokens += sums.get(CODE.outputTokens) ?? 0
    models.set(model, tally)
  }
  return models
}

async function tallyUsers(reader: StoreReader, names: string[]): Promise<Map<string, Tally>> {
  const found = await reader.users(names.map(userKey))
  return new Map(
    found.flatMap((user) =>
      user ? [[user.name, { calls: user.calls, inputTokens: user.inputTokens, outputTokens: user.outputTokens }] as const] : [],
    ),
  )
}

/** Sorted entries, for a comparison that shows which name differs. */
export const sorted = (tallies: Map<string, Tally>) => [...tallies].sort(([a], [b]) => a.localeCompare(b))
