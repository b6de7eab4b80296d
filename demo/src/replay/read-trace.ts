/** Reads traces in the format of Azure's LLM inference traces: `TIMESTAMP,ContextTokens,GeneratedTokens`. */
import { readFile } from 'node:fs/promises'

export interface TraceRow {
  /** Milliseconds since the epoch, fractions kept. */
  atMs: number
  inputTokens: number
  outputTokens: number
}

export interface TraceSums {
  requests: number
  inputTokens: number
  outputTokens: number
}

export class TraceFormatError extends Error {}

const HEADER = 'TIMESTAMP,ContextTokens,GeneratedTokens'
/** `2023-11-16 18:17:03.9799600`, also with a T, a Z or an offset; without either it is UTC. */
const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/

/** Rows in the order of time. Rejects with a TraceFormatError that names file and line, or with the error of reading. */
export async function readTrace(path: string): Promise<TraceRow[]> {
  return parseTrace(await readFile(path, 'utf8'), path)
}

export function parseTrace(text: string, path: string): TraceRow[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const fail = (line: number, problem: string): never => {
    throw new TraceFormatError(`${path}:${line}: ${problem}`)
  }
  if ((lines[0] ?? '').trim() !== HEADER) fail(1, `the first line must be ${HEADER}, got ${quote(lines[0] ?? '')}`)
  const rows: TraceRow[] = []
  for (let index = 1; index < lines.length; index++) {
    const line = (lines[index] as string).trim()
    if (line === '') continue
    const fields = line.split(',')
    if (fields.length !== 3) fail(index + 1, `expected 3 fields, got ${fields.length}: ${quote(line)}`)
    const [timestamp, context, generated] = fields as [string, string, string]
    const failHere = (problem: string) => fail(index + 1, problem)
    rows.push({
      atMs: parseTimestamp(timestamp.trim(), failHere),
      inputTokens: parseTokens('ContextTokens', context.trim(), failHere),
      outputTokens: parseTokens('GeneratedTokens', generated.trim(), failHere),
    })
  }
  if (rows.length === 0) fail(lines.length, 'the file has no rows')
  return rows.sort((one, other) => one.atMs - other.atMs)
}

function parseTimestamp(text: string, fail: (problem: string) => never): number {
  const match = TIMESTAMP.exec(text)
  const wholeMs = match ? Date.parse(`${match[1]}T${match[2]}${match[4] ?? 'Z'}`) : Number.NaN
  if (Number.isNaN(wholeMs)) return fail(`TIMESTAMP must look like 2023-11-16 18:17:03.9799600, got ${quote(text)}`)
  return wholeMs + Number(match?.[3] ?? 0) * 1000
}

function parseTokens(field: string, text: string, fail: (problem: string) => never): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) return fail(`${field} must be a whole number of at least 0, got ${quote(text)}`)
  return value
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}

export function sumTrace(rows: readonly TraceRow[]): TraceSums {
  const sums = { requests: rows.length, inputTokens: 0, outputTokens: 0 }
  for (const row of rows) {
    sums.inputTokens += row.inputTokens
    sums.outputTokens += row.outputTokens
  }
  return sums
}
