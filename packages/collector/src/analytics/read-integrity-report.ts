/** The answer of `GET /v1/integrity`: what was kept and what was not, of the tenant and of each writer. */
import type { Integrity, StoreReader, WriterList, WriterState } from '@aiwatch/store'
import { isoOf, isoOrNull } from './instants.ts'
import { toSnakeCase } from './snake-case.ts'

type Counters = Record<string, number>

export interface WriterReport {
  writer: string
  app: string | null
  /** `host:process id`. */
  origin: string | null
  /** Batches applied. */
  last_sequence: number
  /** ISO 8601, UTC, by the server's clock. */
  last_heard: string | null
  /** How far its clock ran ahead of the server's when calls were last set back; 0 when that never happened. */
  clock_ahead_ms: number
  /** A cut append-only file was replayed: half of its last batch is in the totals, and it has not been told. */
  torn: boolean
  /** Those that are not 0. */
  counters: Counters
}

export interface IntegrityReport {
  tenant: string
  /** Since the tenant's first write; what each counts stands in its name. */
  counters: Counters
  /** Fields found in Redis by this collector that could not be read; answers leave them out. */
  corrupt_fields: number
  /** Writers heard of in the last 48 hours. */
  writers_48h: number
  /** Those that entered themselves last first, at most as many as asked. */
  writers: WriterReport[]
  /** ISO 8601, UTC. */
  timestamp: string
}

const toCounters = (integrity: Partial<Integrity>): Counters =>
  Object.fromEntries(Object.entries(integrity).map(([name, value]) => [toSnakeCase(name), value]))

function toReport(state: WriterState): WriterReport {
  return {
    writer: state.writer,
    app: state.app ?? null,
    origin: state.origin ?? null,
    last_sequence: state.lastSequence,
    last_heard: isoOrNull(state.lastHeardMs),
    clock_ahead_ms: state.clockAheadMs,
    torn: state.isTorn,
    counters: toCounters(state.counters),
  }
}

export interface IntegritySources {
  reader: StoreReader
  readWriters(): Promise<WriterList>
}

export async function readIntegrityReport({ reader, readWriters }: IntegritySources, nowMs: number): Promise<IntegrityReport> {
  const [integrity, { count, writers }] = await Promise.all([reader.integrity(), readWriters()])
  return {
    tenant: reader.tenant,
    counters: toCounters(integrity),
    corrupt_fields: reader.corruptFields,
    writers_48h: count,
    writers: writers.map(toReport),
    timestamp: isoOf(nowMs),
  }
}
