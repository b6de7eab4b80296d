/** How each figure of the contract is called and measured. A figure that the contract gains does not compile until it has its row here. */
import type { Figures } from '@aiwatch/collector/contract'
import { type ColumnOf, UNIT } from './frame.ts'

type FigureColumn = Omit<ColumnOf<Figures>, 'name' | 'value'>

const count = (title: string): FigureColumn => ({ title, unit: UNIT.count })
const rate = (title: string): FigureColumn => ({ title, unit: UNIT.perSecond, decimals: 2 })
const usd = (title: string): FigureColumn => ({ title, unit: UNIT.usd })
const seconds = (title: string): FigureColumn => ({ title, unit: UNIT.seconds })

const COLUMNS: Record<keyof Figures, FigureColumn> = {
  calls: count('Calls'),
  calls_per_second: rate('Calls per second'),
  errors: count('Errors'),
  aborted_calls: count('Aborted'),
  error_rate: { title: 'Error rate', unit: UNIT.share, min: 0, decimals: 2 },
  input_tokens: count('Input tokens'),
  output_tokens: count('Output tokens'),
  cache_read_tokens: count('Cache read tokens'),
  cache_write_tokens: count('Cache write tokens'),
  reasoning_tokens: count('Reasoning tokens'),
  estimated_input_tokens: count('Estimated input tokens'),
  estimated_output_tokens: count('Estimated output tokens'),
  input_tokens_per_second: rate('Input tokens per second'),
  output_tokens_per_second: rate('Output tokens per second'),
  generation_tokens_per_second: { title: 'Output speed', unit: 'suffix: tok/s', decimals: 1 },
  cost_usd: usd('Cost'),
  unpriced_calls: count('Calls without a price'),
  cache_saved_usd: usd('Saved by the cache'),
  wasted_usd: usd('Wasted'),
  wasted_tokens: count('Wasted tokens'),
  wasted_attempts: count('Wasted attempts'),
  latency_mean_seconds: seconds('Mean latency'),
  latency_p50_seconds: seconds('p50'),
  latency_p95_seconds: seconds('p95'),
  latency_p99_seconds: seconds('p99'),
  first_token_p50_seconds: seconds('First token p50'),
  first_token_p95_seconds: seconds('First token p95'),
  first_token_p99_seconds: seconds('First token p99'),
  per_output_token_p50_seconds: seconds('Time per output token'),
}

const NAMES = Object.keys(COLUMNS) as (keyof Figures)[]

/** Columns of the named figures, or of all, of rows that have them. */
export function figureColumns<Row>(figuresOf: (row: Row) => Figures, names: readonly (keyof Figures)[] = NAMES): ColumnOf<Row>[] {
  return names.map((name) => ({ name, ...COLUMNS[name], value: (row: Row) => figuresOf(row)[name] }))
}
