import { type Cell, CODE, OUTCOMES, openReader, publishSeries, type StoreReader, TIERS, type Tier, userKey } from '@aiwatch/store'
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

export interface KeptTallies {
  /** From the lifetime totals. */
  models: Map<string, Tally>
  users: Map<string, Tally>
  /** The models again, added up over the buckets of each tier of the last two days. */
  tiers: Record<Tier, Map<string, Tally>>
  /** The models' input tokens in the time series of the module, by tier; undefined without the module. */
  published: Record<Tier, Map<string, number>> | undefined
}

const SPAN_SECONDS = 172_800

/** What Redis has, by all the ways in which it has it. */
export async function readTallies(url: string, users: Iterable<string>): Promise<KeptTallies> {
  const redis = new Redis(url)
  try {
    await publishSeries(redis, 'default', { all: true })
    const reader = openReader(redis, { tenant: 'default' })
    const cells = await reader.cells()
    const isModule = (await reader.backend()) === 'module'
    return {
      models: tallyModels(cells, [...(await reader.totals())]),
      users: await tallyUsers(reader, [...users]),
      tiers: await forEachTier(async (tier, from, to) => tallyModels(cells, await bucketEntries(reader, tier, from, to))),
      published: isModule ? await forEachTier((tier, from, to) => tallyPublished({ reader, cells, tier, from, to })) : undefined,
    }
  } finally {
    redis.disconnect()
  }
}

async function forEachTier<T>(read: (tier: Tier, fromSeconds: number, toSeconds: number) => Promise<T>): Promise<Record<Tier, T>> {
  const to = Math.floor(Date.now() / 1000) + 60
  const entries = Object.keys(TIERS).map(async (tier) => [tier, await read(tier as Tier, to - SPAN_SECONDS, to)] as const)
  return Object.fromEntries(await Promise.all(entries)) as Record<Tier, T>
}

async function bucketEntries(reader: StoreReader, tier: Tier, from: number, to: number): Promise<[string, Map<number, number>][]> {
  return (await reader.buckets(tier, from, to)).flatMap((bucket) => [...bucket.cells])
}

function tallyModels(cells: ReadonlyMap<string, Cell>, entries: readonly [string, ReadonlyMap<number, number>][]): Map<string, Tally> {
  const models = new Map<string, Tally>()
  for (const [cellId, sums] of entries) {
    const model = cells.get(cellId)?.model ?? `unnamed cell ${cellId}`
    const tally = models.get(model) ?? { calls: 0, inputTokens: 0, outputTokens: 0 }
    for (let code: number = CODE.callsOk; code < CODE.callsOk + OUTCOMES.length; code++) tally.calls += sums.get(code) ?? 0
    tally.inputTokens += sums.get(CODE.inputTokens) ?? 0
    tally.outputTokens += sums.get(CODE.outputTokens) ?? 0
    models.set(model, tally)
  }
  return models
}

interface PublishedQuestion {
  reader: StoreReader
  cells: ReadonlyMap<string, Cell>
  tier: Tier
  from: number
  to: number
}

async function tallyPublished({ reader, cells, tier, from, to }: PublishedQuestion): Promise<Map<string, number>> {
  const models = new Map<string, number>()
  for (const { cell, samples } of (await reader.publishedMetric(tier, [CODE.inputTokens], from, to)) ?? []) {
    const model = cells.get(cell)?.model ?? `unnamed cell ${cell}`
    models.set(
      model,
      samples.reduce((sum, sample) => sum + sample.value, models.get(model) ?? 0),
    )
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
export const sorted = <T>(tallies: ReadonlyMap<string, T>) => [...tallies].sort(([a], [b]) => a.localeCompare(b))
