/**
 * A call as the stream of recent calls keeps it: a JSON array by position, about 150 bytes. Positions may be added at the end, never moved:
 * a reader ignores those that it does not know, a missing one has its default.
 */
import type { Cell } from '../batch.ts'
import { type Call, endedAt, OUTCOMES, type Outcome, type Usage, type UsageSource } from '../call.ts'

/** Newest calls kept per tenant. */
export const RECENT_CALLS = 10_000

const VERSION = 1
/** Positions of what is changed in place. */
const STARTED_AT = 2
const DURATION = 4
/** A call with more text than this is kept without its tags. */
const MAX_CHARACTERS = 4096
/** Codes are positions: add at the end only. */
const SOURCES: readonly UsageSource[] = ['reported', 'requested', 'estimated', 'partial', 'none']
const USUAL_OPERATION = 'chat'

type Names = Pick<Cell, 'app' | 'provider' | 'model'>
type Entry = string | number | null | string[] | Record<string, string>

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const PACKED_UUID = /^\$[\w-]{22}$/

/** A UUID takes 23 characters in place of 36; ten thousand calls are kept, so it counts. Other ids stay as they are. */
function packId(id: string): string {
  return UUID.test(id) ? `$${Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')}` : id
}

function unpackId(text: string): string {
  if (!PACKED_UUID.test(text)) return text
  const hex = Buffer.from(text.slice(1), 'base64url').toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** Microseconds are all that a clock in a program is good for. */
const roundMs = (value: number | undefined) => (value === undefined ? null : Math.round(value * 1000) / 1000)

function toEntries(call: Call, cell: string | null, tags: Record<string, string>): Entry[] {
  const { usage } = call
  return [
    VERSION,
    packId(call.id),
    Math.round(call.startedAt),
    cell ?? [call.app, call.provider, call.model],
    roundMs(call.durationMs),
    OUTCOMES.indexOf(call.outcome),
    SOURCES.indexOf(usage.source),
    usage.inputTokens,
    usage.outputTokens,
    call.costNanoUsd,
    call.operation === USUAL_OPERATION ? 0 : call.operation,
    call.stream ? 1 : 0,
    call.httpStatus ?? 0,
    call.user ?? null,
    call.session ?? null,
    roundMs(call.timeToFirstTokenMs),
    roundMs(call.timePerOutputTokenMs),
    usage.cacheReadTokens || null,
    usage.cacheWriteTokens || null,
    usage.reasoningTokens || null,
    call.requestModel === call.model ? null : call.requestModel,
    call.attempts === 1 ? null : call.attempts,
    Object.keys(tags).length === 0 ? null : tags,
    call.cacheSavedNanoUsd || null,
    call.wastedTokens || null,
    call.wastedNanoUsd || null,
    usage.cacheWrite1hTokens ?? null,
    usage.inputAudioTokens ?? null,
    usage.inputImageTokens ?? null,
    usage.outputAudioTokens ?? null,
    usage.outputImageTokens ?? null,
    roundMs(call.queueMs),
    roundMs(call.prefillMs),
    roundMs(call.decodeMs),
  ]
}

/** `cell`: id of the call's cell; null writes the names instead. */
export function encodeRecentCall(call: Call, cell: string | null = null): string {
  const entries = toEntries(call, cell, call.tags)
  while (entries.at(-1) === null) entries.pop()
  const text = JSON.stringify(entries)
  return text.length <= MAX_CHARACTERS || Object.keys(call.tags).length === 0 ? text : encodeRecentCall({ ...call, tags: {} }, cell)
}

/** A call as a batch carries it: written once, however often the batch is sent. */
export interface RecentRow {
  /** When it ended, in milliseconds since the epoch. */
  endedMs: number
  /** Of `encodeRecentCall`. */
  text: string
}

/** `cell`: id of the call's cell; null when it has none of its own. */
export function toRecentRow(call: Call, cell: string | null): RecentRow {
  return { endedMs: endedAt(call), text: encodeRecentCall(call, cell) }
}

/** The row with the call moved so that it ends at `nowMs`, when it ends after that. */
export function clampRecentRow(row: RecentRow, nowMs: number): RecentRow {
  if (row.endedMs <= nowMs) return row
  const entries = JSON.parse(row.text) as Entry[]
  entries[STARTED_AT] = Math.floor(nowMs - (entries[DURATION] as number))
  return { endedMs: nowMs, text: JSON.stringify(entries) }
}

const UNKNOWN_NAMES: Names = { app: 'other', provider: 'other', model: 'other' }

function toNames(entry: unknown, cells: ReadonlyMap<string, Names>): Names {
  if (typeof entry === 'string') return cells.get(entry) ?? UNKNOWN_NAMES
  const [app, provider, model]: unknown[] = Array.isArray(entry) ? entry : []
  if (typeof app === 'string' && typeof provider === 'string' && typeof model === 'string') return { app, provider, model }
  throw new RangeError('not a recent call: neither a cell nor names')
}

const isNumber = (entry: unknown): entry is number => typeof entry === 'number' && Number.isFinite(entry)
const numberOr = <T>(entry: unknown, fallback: T): number | T => (isNumber(entry) ? entry : fallback)
const textOr = <T>(entry: unknown, fallback: T): string | T => (typeof entry === 'string' ? entry : fallback)

function toTags(entry: unknown): Record<string, string> {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return {}
  return Object.fromEntries(Object.entries(entry).filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
}

function optionalNumbers<Name extends string>(entries: readonly unknown[], positions: Record<Name, number>): Partial<Record<Name, number>> {
  const found: Partial<Record<Name, number>> = {}
  for (const name of Object.keys(positions) as Name[]) {
    const entry = entries[positions[name]]
    if (isNumber(entry)) found[name] = entry
  }
  return found
}

function toUsage(entries: readonly unknown[]): Usage {
  return {
    source: SOURCES[numberOr(entries[6], -1)] ?? 'none',
    inputTokens: numberOr(entries[7], 0),
    outputTokens: numberOr(entries[8], 0),
    cacheReadTokens: numberOr(entries[17], 0),
    cacheWriteTokens: numberOr(entries[18], 0),
    reasoningTokens: numberOr(entries[19], 0),
    ...optionalNumbers(entries, {
      cacheWrite1hTokens: 26,
      inputAudioTokens: 27,
      inputImageTokens: 28,
      outputAudioTokens: 29,
      outputImageTokens: 30,
    }),
  }
}

/**
 * Undoes `encodeRecentCall`. `cells` gives the names by cell id; a cell that is not there (the tenant has too many) is `other`.
 * Throws a RangeError when the text is not a recent call.
 */
export function decodeRecentCall(text: string | Buffer, cells: ReadonlyMap<string, Names>): Call {
  let entries: unknown
  try {
    entries = JSON.parse(String(text))
  } catch {
    entries = undefined
  }
  if (!Array.isArray(entries) || typeof entries[1] !== 'string' || !isNumber(entries[2])) {
    throw new RangeError('not a recent call: an array with id and time was expected')
  }
  const names = toNames(entries[3], cells)
  const httpStatus = numberOr(entries[12], 0)
  const user = textOr(entries[13], undefined)
  const session = textOr(entries[14], undefined)
  return {
    id: unpackId(entries[1]),
    startedAt: entries[2],
    app: names.app,
    provider: names.provider,
    model: names.model,
    requestModel: textOr(entries[20], names.model),
    operation: textOr(entries[10], USUAL_OPERATION),
    stream: entries[11] === 1,
    ...(user === undefined ? {} : { user }),
    ...(session === undefined ? {} : { session }),
    tags: toTags(entries[22]),
    usage: toUsage(entries),
    costNanoUsd: numberOr(entries[9], null),
    cacheSavedNanoUsd: numberOr(entries[23], 0),
    durationMs: numberOr(entries[4], 0),
    ...optionalNumbers(entries, { timeToFirstTokenMs: 15, timePerOutputTokenMs: 16, queueMs: 31, prefillMs: 32, decodeMs: 33 }),
    outcome: OUTCOMES[numberOr(entries[5], -1)] ?? ('unknown' satisfies Outcome),
    attempts: numberOr(entries[21], 1),
    wastedTokens: numberOr(entries[24], 0),
    wastedNanoUsd: numberOr(entries[25], 0),
    ...(httpStatus ? { httpStatus } : {}),
  }
}
