import type { TenantKeys } from '../keys.ts'
import type { CorruptFields } from '../read/corrupt-fields.ts'
import { eachPair, toNumber } from '../read/replies.ts'
import type { RoundTrips } from '../read/round-trips.ts'
import type { Sample } from '../read/store-reader.ts'
import { keptStarts } from '../series/bucket-range.ts'
import { findSeedMetric } from './seed-metrics.ts'
import { sampleHour } from './write-sample.ts'

export interface SampleSources {
  keys: TenantKeys
  trips: RoundTrips
  corrupt: CorruptFields
  nowMs: () => number
}

const MAX_KEEP_SECONDS = 7 * 24 * 3600
const LATEST_WITHIN_MS = 2 * 3600 * 1000

/** Samples with timestamps in [fromMs, toMs], oldest first, in one round trip. */
export async function readSamples(sources: SampleSources, name: string, fromMs: number, toMs: number): Promise<Sample[]> {
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

export async function readLatestSample(sources: SampleSources, name: string): Promise<Sample | undefined> {
  const now = sources.nowMs()
  return (await readSamples(sources, name, now - LATEST_WITHIN_MS, now + 60_000)).at(-1)
}
