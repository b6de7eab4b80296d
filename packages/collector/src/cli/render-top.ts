/** The picture of `aiwatch top` as text. Pure: the same picture and size give the same text. */
import { displayWidth, fitColumns } from './display-width.ts'
import { formatAge, formatCost, formatCount, formatRate, formatSeconds, formatShare } from './format-figures.ts'
import type { Picture } from './read-picture.ts'

export interface TopOptions {
  columns: number
  /** Lines at most; undefined: as many as there are. */
  rows?: number
  color: boolean
  /** Shown at the top: which collector. */
  source: string
  /** Shown beside it where there is room: the Redis behind it. */
  server?: string | undefined
  /** Why the picture is old, or missing. */
  trouble?: string
}

type Style = 'bold' | 'dim' | 'red' | 'yellow'
const CODES: Record<Style, string> = { bold: '\u001b[1m', dim: '\u001b[2m', red: '\u001b[31m', yellow: '\u001b[33m' }
const RESET = '\u001b[0m'

interface Line {
  text: string
  style?: Style
}

interface Column {
  title: string
  width: number
  /** For wide terminals: shown when names keep this much room. */
  leastName?: number
}

const MIN_COLUMNS = 40
const GAP = 1
const MIN_NAME = 12
/** Of the models' table: its title, and most names of models. */
const WIDE_NAME = 23
/** A share of errors from which a row is coloured. */
const ERRORS_SOME = 0.01
const ERRORS_MANY = 0.05

/** A name and right-aligned figures; columns that do not fit any more are left out from the right. */
function table(
  title: string,
  columns: readonly Column[],
  rows: readonly { name: string; cells: string[]; style?: Style }[],
  width: number,
): Line[] {
  let shown = columns.length
  const taken = (count: number) => columns.slice(0, count).reduce((sum, column) => sum + column.width + GAP, 0)
  while (shown > 0 && width - taken(shown) < (columns[shown - 1]?.leastName ?? MIN_NAME)) shown--
  const nameWidth = width - taken(shown)
  const compose = (name: string, cells: readonly string[]) =>
    fitColumns(name, nameWidth) +
    cells
      .slice(0, shown)
      .map((cell, index) => ' '.repeat(GAP) + fitColumns(cell, (columns[index] as Column).width, 'right'))
      .join('')
  return [
    {
      text: compose(
        title,
        columns.map((column) => column.title),
      ),
      style: 'dim',
    },
    ...rows.map(({ name, cells, style }) => ({ text: compose(name, cells), style })),
  ]
}

const MODEL_COLUMNS: readonly Column[] = [
  { title: 'CALLS', width: 5 },
  { title: 'IN', width: 5 },
  { title: 'OUT', width: 5 },
  { title: 'COST', width: 7 },
  { title: 'CALL/S', width: 6 },
  { title: 'P50', width: 5 },
  { title: 'P95', width: 5 },
  { title: 'P99', width: 5 },
  { title: 'ERR', width: 5 },
  // To the first token of a stream; reading prompts and writing answers, as the provider says.
  { title: 'FIRST', width: 5, leastName: WIDE_NAME },
  { title: 'READ', width: 5, leastName: WIDE_NAME },
  { title: 'WRITE', width: 5, leastName: WIDE_NAME },
]

const USER_COLUMNS: readonly Column[] = [
  { title: 'TOKENS', width: 7 },
  { title: 'IN EVER', width: 7 },
  { title: 'OUT EVER', width: 8 },
  { title: 'SESSIONS', width: 8 },
  { title: 'SEEN', width: 5 },
]

const ERROR_COLUMNS: readonly Column[] = [
  { title: 'COUNT', width: 7 },
  { title: 'SEEN', width: 5 },
]

const errorStyle = (share: number): Style | undefined => (share >= ERRORS_MANY ? 'red' : share >= ERRORS_SOME ? 'yellow' : undefined)

function title({ source, server }: TopOptions, width: number): string {
  const alone = `AIWatch  ${source}`
  const both = `${alone}  ${server}`
  return server !== undefined && displayWidth(both) <= width ? both : alone
}

function header(picture: Picture, options: TopOptions, width: number): Line[] {
  const clock = `${picture.timestamp.slice(11, 19)} UTC`
  const { input_per_minute, output_per_minute } = picture.token_rates
  const latency = [picture.response_time_p50, picture.response_time_p95, picture.response_time_p99].map(formatSeconds)
  const cost = formatCost(picture.cost_usd_24h, picture.unpriced_calls_24h, Number.POSITIVE_INFINITY)
  return [
    { text: `${fitColumns(title(options, width - clock.length - 1), width - clock.length - 1)} ${clock}`, style: 'bold' },
    {
      text: `calls ${formatRate(picture.calls_per_second)}/s   tokens/min in ${formatCount(Math.round(input_per_minute))}, out ${formatCount(Math.round(output_per_minute))}   cost 24h ${cost}`,
    },
    {
      text: `users 5m ${formatCount(picture.active_users_5m)}, 1h ${formatCount(picture.active_users_1h)}, 24h ${formatCount(picture.active_users_24h)}   sessions ${formatCount(picture.active_sessions)}`,
    },
    {
      text: `last 5m: ${formatCount(picture.requests_5m)} calls   p50 ${latency[0]}  p95 ${latency[1]}  p99 ${latency[2]}   errors ${formatShare(picture.error_rate)}`,
      style: errorStyle(picture.error_rate),
    },
  ]
}

function modelTable(picture: Picture, width: number): Line[] {
  const rows = picture.models.map((model) => ({
    name: model.model,
    style: errorStyle(model.error_rate),
    cells: [
      formatCount(model.calls_24h),
      formatCount(model.input_tokens_24h),
      formatCount(model.output_tokens_24h),
      formatCost(model.cost_usd_24h, model.unpriced_calls_24h, model.calls_24h),
      formatRate(model.calls_per_second),
      formatSeconds(model.response_time_p50),
      formatSeconds(model.response_time_p95),
      formatSeconds(model.response_time_p99),
      formatShare(model.error_rate),
      formatSeconds(model.first_token_p50),
      formatSeconds(model.prefill_seconds_24h),
      formatSeconds(model.decode_seconds_24h),
    ],
  }))
  return table('MODEL 24h (P, ERR: 5m)', MODEL_COLUMNS, rows, width)
}

function userTable(picture: Picture, width: number): Line[] {
  const rows = picture.top_users.map((user) => ({
    name: user.user_id,
    cells: [
      formatCount(user.tokens_24h),
      formatCount(user.total_input_tokens),
      formatCount(user.total_output_tokens),
      formatCount(user.total_sessions),
      formatAge(user.last_seen, picture.timestamp),
    ],
  }))
  return table('TOP USERS (24h)', USER_COLUMNS, rows, width)
}

function errorTable(picture: Picture, width: number): Line[] {
  const rows = picture.error_patterns.map((pattern) => ({
    name: `${pattern.error_type}  ${pattern.model}`,
    cells: [formatCount(pattern.count), formatAge(pattern.last_seen, picture.timestamp)],
  }))
  return table('ERRORS (24h)', ERROR_COLUMNS, rows, width)
}

/** Cuts tables so that all fit; models, the most asked for, keep most. A table without rows is left out. */
function stack(tables: readonly Line[][], room: number): Line[] {
  const filled = tables.filter((lines) => lines.length > 1)
  const wanted = filled.map((lines) => lines.length)
  const shares = [0.55, 0.3, 0.15]
  const given = wanted.map(() => 0)
  // A title and a row each need a blank line before them.
  let left = room - filled.length
  for (const [index, want] of wanted.entries()) given[index] = Math.min(want, Math.floor((room - filled.length) * (shares[index] ?? 0)))
  left -= given.reduce((sum, lines) => sum + lines, 0)
  for (const [index, want] of wanted.entries()) {
    const more = Math.max(0, Math.min(left, want - (given[index] ?? 0)))
    given[index] = (given[index] ?? 0) + more
    left -= more
  }
  return filled.flatMap((lines, index) => ((given[index] ?? 0) >= 2 ? [{ text: '' }, ...lines.slice(0, given[index])] : []))
}

function paint({ text, style }: Line, width: number, color: boolean): string {
  const fitted = fitColumns(text, width).trimEnd()
  return color && style && fitted !== '' ? `${CODES[style]}${fitted}${RESET}` : fitted
}

/** Lines joined by `\n`, none wider than `columns`, no more than `rows`. `picture` undefined: nothing was read yet. */
export function renderTop(picture: Picture | undefined, options: TopOptions): string {
  const width = Math.max(MIN_COLUMNS, options.columns)
  const rows = options.rows ?? Number.POSITIVE_INFINITY
  const lines: Line[] = picture ? header(picture, options, width) : [{ text: `AIWatch  ${options.source}`, style: 'bold' }]
  if (options.trouble) lines.splice(1, 0, { text: options.trouble, style: 'red' })
  if (picture) {
    const tables = [modelTable(picture, width), userTable(picture, width), errorTable(picture, width)]
    if (tables.every((table) => table.length === 1)) lines.push({ text: '' }, { text: 'No calls in the last 24 hours.' })
    else if (rows === Number.POSITIVE_INFINITY) for (const table of tables) if (table.length > 1) lines.push({ text: '' }, ...table)
    if (rows !== Number.POSITIVE_INFINITY) lines.push(...stack(tables, rows - lines.length))
  }
  return lines
    .slice(0, rows)
    .map((line) => paint(line, options.columns, options.color))
    .join('\n')
}
