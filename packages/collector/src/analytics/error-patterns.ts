import { type BucketRows, type Cell, callsCode, ERROR_TYPES, type ErrorPattern, type ErrorType, type Sums } from '@aiwatch/store'
import { isoOf } from './instants.ts'
import { byModel, modelOf } from './sums.ts'

export interface ErrorPatternRow {
  error_type: ErrorType
  model: string
  /** In the last 24 h. */
  count: number
  /** ISO 8601, UTC. */
  last_seen: string
}

export interface ErrorPatternSources {
  daySums: Map<string, Sums>
  cells: Map<string, Cell>
  errors: readonly ErrorPattern[]
  buckets: readonly BucketRows[]
}

const MAX_PATTERNS = 100
const patternKey = (type: ErrorType, model: string) => `${type}\0${model}`

function lastSeenByPattern({ errors, buckets, cells }: ErrorPatternSources): Map<string, number> {
  const lastSeen = new Map<string, number>()
  const see = (type: ErrorType, cell: string, timeMs: number) => {
    const key = patternKey(type, modelOf(cells, cell))
    lastSeen.set(key, Math.max(timeMs, lastSeen.get(key) ?? 0))
  }
  // Writers send the patterns every 10 s but the series every second: until then the bucket tells when.
  for (const bucket of buckets) {
    for (const [cell, sums] of bucket.cells) {
      for (const type of ERROR_TYPES) if (sums.get(callsCode(type))) see(type, cell, bucket.start * 1000)
    }
  }
  for (const pattern of errors) see(pattern.type, pattern.cell, pattern.lastSeenMs)
  return lastSeen
}

/** Errors of the last 24 h by type and model, most first. */
export function listErrorPatterns(sources: ErrorPatternSources, nowMs: number): ErrorPatternRow[] {
  const lastSeen = lastSeenByPattern(sources)
  const rows: ErrorPatternRow[] = []
  for (const [model, sums] of byModel(sources.daySums, sources.cells)) {
    for (const type of ERROR_TYPES) {
      const count = sums.get(callsCode(type)) ?? 0
      if (count <= 0) continue
      const seenMs = lastSeen.get(patternKey(type, model)) ?? nowMs
      rows.push({ error_type: type, model, count, last_seen: isoOf(seenMs) })
    }
  }
  return rows.sort((a, b) => b.count - a.count || a.model.localeCompare(b.model)).slice(0, MAX_PATTERNS)
}
