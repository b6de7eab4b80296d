import type { TenantKeys } from '../keys.ts'
import type { CorruptFields } from '../read/corrupt-fields.ts'
import { eachPair, toNumber } from '../read/replies.ts'
import type { RoundTrips } from '../read/round-trips.ts'
import type { Sample } from '../read/store-reader.ts'
import type { TenantBackend } from '../read/tenant-backend.ts'
import { assertBounds, keptStarts } from '../series/bucket-range.ts'
import { areTimeSeriesCommandsLoaded, loadTimeSeriesCommands } from '../series/load-time-series-commands.ts'
import { findSeedMetric, seedMetricKey } from './seed-metrics.ts'
import { sampleHour } from './write-sample.ts'

export interface SampleSources {
  tenant: string
  backend: TenantBackend
  keys: TenantKeys
  trips: RoundTrips
  corrupt: CorruptFields
  nowMs: () => number
}

const MAX_KEEP_SECONDS = 7 * 24 * 3600
const LATEST_WITHIN_MS = 2 * 3600 * 1000

interface SampleQuestion {
  name: string
  fromMs: number
  toMs: number
}

async function readHashes(sources: SampleSources, { name, fromMs, toMs }: SampleQuestion): Promise<Sample[]> {
  const { keys, trips, nowMs } = sources
  const kept = { seconds: 3600, keepSeconds: findSeedMetric(name)?.keepSeconds ?? MAX_KEEP_SECONDS }
  const hours = keptStarts(kept, sampleHour(fromMs / 1000), toMs / 1000 + 1, nowMs() / 1000)
  const samples: Sample[] = []
  for (const reply of await Promise.all(hours.map((hour) => trips.ask('HGETALL', [keys.sample(name, hour)])))) {
    const ofHour: Sample[] = []
    eachPair(reply, (slot, text) => {
      const sample = sources.corrupt.attempt(() => ({ timestampMs: toNumber(slot) * 1000, value: toNumber(text) }))
      if (sample && sample.timestampMs >= fromMs && sample.timestampMs <= toMs) ofHour.push(sample)
    })
    // A hash keeps no order, and a late sampler may have come after a younger slot.
    samples.push(...ofHour.sort((a, b) => a.timestampMs - b.timestampMs))
  }
  return samples
}

async function readSeries(sources: SampleSources, { name, fromMs, toMs }: SampleQuestion): Promise<Sample[]> {
  assertBounds(fromMs, toMs)
  const { rangeCommand, readRange } = await loadTimeSeriesCommands()
  const from = Math.max(0, Math.ceil(fromMs))
  const to = Math.min(Number.MAX_SAFE_INTEGER, Math.floor(toMs))
  if (to < from) return []
  const { command, args } = rangeCommand(seedMetricKey(sources.tenant, name), from, to)
  const [key = '', ...rest] = args
  return readRange(await sources.trips.askAlone(command, key, ...rest))
}

/** Samples with timestamps in [fromMs, toMs], oldest first, in one round trip. */
export async function readSamples(sources: SampleSources, name: string, fromMs: number, toMs: number): Promise<Sample[]> {
  const question = { name, fromMs, toMs }
  const { backend } = sources
  const known = areTimeSeriesCommandsLoaded() ? backend.known : undefined
  const [held, samples] = await Promise.all([
    backend.ask(),
    known === 'module' ? readSeries(sources, question) : readHashes(sources, question),
  ])
  if (held === 'module' && known !== 'module') return readSeries(sources, question)
  return held === 'plain' && known === 'module' ? readHashes(sources, question) : samples
}

export async function readLatestSample(sources: SampleSources, name: string): Promise<Sample | undefined> {
  const now = sources.nowMs()
  return (await readSamples(sources, name, now - LATEST_WITHIN_MS, now + 60_000)).at(-1)
}
