import { MAX_CELLS, OTHER_CELL } from '../identity.ts'
import { EXTREME_CODES } from '../merge-vectors.ts'
import { RECENT_CALLS } from '../recent/recent-call.ts'
import { type Script, toScript } from '../run-script.ts'
import type { SeriesBackend } from '../series/series-backend.ts'
import { CODE, MAX_LATENESS_SECONDS } from '../series-catalogue.ts'
import { AUDIENCE } from './script/audience.ts'
import { BOARDS_SCRIPT } from './script/boards.ts'
import { CELLS } from './script/cells.ts'
import { FINISH } from './script/finish.ts'
import { GUARD } from './script/guard.ts'
import { HASHES } from './script/hashes.ts'
import { PRELUDE } from './script/prelude.ts'
import { ROWS } from './script/rows.ts'
import { SKETCHES } from './script/sketches.ts'

/** Clocks of writer and server may differ by this much before a time counts as in the future. */
const FUTURE_TOLERANCE_MS = 1000
/** How long a writer that is silent is remembered. */
export const GUARD_SECONDS = 48 * 3600
/** Users and sessions stay in the last-seen sets this long; late buckets stay announced as long. */
export const SEEN_SECONDS = 25 * 3600
const USER_SECONDS = 30 * 24 * 3600

/** Keys that every call of the script has, in order. */
const FIXED_KEYS = ['GUARD', 'BACKEND', 'CELLS', 'INTEGRITY', 'WRITERS', 'LATE', 'SEEN_USERS', 'SEEN_SESSIONS', 'RECENT'] as const

/** Parts of the message, in order. */
const PLAN_PARTS = [
  'P_CELL_IDS',
  'P_CELL_NAMES',
  'P_SEEN_USERS',
  'P_SEEN_SESSIONS',
  'P_SESSION_NAMES',
  'P_SESSION_OWNERS',
  'P_USERS',
  'P_DAYS',
  'P_BOARDS',
  'P_HASHES',
  'P_SERIES',
  'P_SKETCHES',
  'P_RECENT',
  'P_COUNTERS',
  'P_COUNTED',
] as const

function constants(backendName: string): Record<string, number | string> {
  return {
    ...Object.fromEntries(FIXED_KEYS.map((name, index) => [name, index + 1])),
    ...Object.fromEntries(PLAN_PARTS.map((name, index) => [name, index + 1])),
    BACKEND_NAME: backendName,
    OTHER_ID: OTHER_CELL.id,
    OTHER_NAMES: JSON.stringify([OTHER_CELL.app, OTHER_CELL.provider, OTHER_CELL.model]),
    MAX_CELLS,
    RECENT_CALLS,
    MAX_LATENESS: MAX_LATENESS_SECONDS,
    FUTURE_TOLERANCE_MS,
    GUARD_TTL: GUARD_SECONDS,
    SEEN_SECONDS,
    USER_TTL: USER_SECONDS,
    SLICE: 4000,
    // Codes below are counts, whole numbers.
    FIRST_TIME: CODE.durationMs,
    LAST_SEEN: CODE.lastSeenMs,
    FIRST_SEEN: CODE.firstSeenMs,
    AFTER_EXTREMES: CODE.firstSeenMs + EXTREME_CODES,
    SESSIONS: CODE.sessions,
  }
}

function literal(value: number | string | undefined): string | undefined {
  return typeof value === 'string' ? `'${value}'` : value?.toString()
}

/** The script of a series backend. With the shebang Redis refuses it whole when it is full, and keys that were not declared. */
export function buildApplyScript(backend: SeriesBackend): Script {
  const values = constants(backend.name)
  const parts = [
    PRELUDE,
    GUARD,
    ROWS,
    CELLS,
    HASHES,
    AUDIENCE,
    BOARDS_SCRIPT,
    backend.script,
    'writeSeries(plan[P_SERIES])',
    SKETCHES,
    FINISH,
  ]
  // As literals: dozens of locals that functions refer to would cost more than the rest of a small batch.
  return toScript(`#!lua\n${parts.join('\n').replace(/\b[A-Z][A-Z_]+\b/g, (name) => literal(values[name]) ?? name)}`)
}
