/** How each figure of the contract is called and measured. A figure that the contract gains does not compile until it has its row here. */
import type { Figures } from '@aiwatch/collector/contract'
import { t } from '../../t.ts'
import { type ColumnOf, UNIT } from './frame.ts'

type FigureColumn = Omit<ColumnOf<Figures>, 'name' | 'value'>

const count = (title: string): FigureColumn => ({ title, unit: UNIT.count })
const rate = (title: string): FigureColumn => ({ title, unit: UNIT.perSecond, decimals: 2 })
const usd = (title: string): FigureColumn => ({ title, unit: UNIT.usd })
const seconds = (title: string): FigureColumn => ({ title, unit: UNIT.seconds })

/** Made when they are shown: the language is not known before. */
const listColumns = (): Record<keyof Figures, FigureColumn> => ({
  calls: count(t('columns.calls', 'Calls')),
  calls_per_second: rate(t('columns.calls-per-second', 'Calls per second')),
  errors: count(t('columns.errors', 'Errors')),
  aborted_calls: count(t('columns.aborted', 'Aborted')),
  error_rate: { title: t('columns.error-rate', 'Error rate'), unit: UNIT.share, min: 0, decimals: 2 },
  input_tokens: count(t('columns.input-tokens', 'Input tokens')),
  output_tokens: count(t('columns.output-tokens', 'Output tokens')),
  cache_read_tokens: count(t('columns.cache-read-tokens', 'Cache read tokens')),
  cache_write_tokens: count(t('columns.cache-write-tokens', 'Cache write tokens')),
  reasoning_tokens: count(t('columns.reasoning-tokens', 'Reasoning tokens')),
  estimated_input_tokens: count(t('columns.estimated-input-tokens', 'Estimated input tokens')),
  estimated_output_tokens: count(t('columns.estimated-output-tokens', 'Estimated output tokens')),
  input_tokens_per_second: rate(t('columns.input-tokens-per-second', 'Input tokens per second')),
  output_tokens_per_second: rate(t('columns.output-tokens-per-second', 'Output tokens per second')),
  generation_tokens_per_second: { title: t('columns.output-speed', 'Output speed'), unit: 'suffix: tok/s', decimals: 1 },
  cost_usd: usd(t('columns.cost', 'Cost')),
  unpriced_calls: count(t('columns.calls-without-a-price', 'Calls without a price')),
  cache_saved_usd: usd(t('columns.saved-by-the-cache', 'Saved by the cache')),
  wasted_usd: usd(t('columns.wasted', 'Wasted')),
  wasted_tokens: count(t('columns.wasted-tokens', 'Wasted tokens')),
  wasted_attempts: count(t('columns.wasted-attempts', 'Wasted attempts')),
  latency_mean_seconds: seconds(t('columns.mean-latency', 'Mean latency')),
  latency_p50_seconds: seconds(t('columns.p50', 'p50')),
  latency_p95_seconds: seconds(t('columns.p95', 'p95')),
  latency_p99_seconds: seconds(t('columns.p99', 'p99')),
  first_token_p50_seconds: seconds(t('columns.first-token-p50', 'First token p50')),
  first_token_p95_seconds: seconds(t('columns.first-token-p95', 'First token p95')),
  first_token_p99_seconds: seconds(t('columns.first-token-p99', 'First token p99')),
  per_output_token_p50_seconds: seconds(t('columns.time-per-output-token', 'Time per output token')),
})

/** Columns of the named figures, or of all, of rows that have them. */
export function figureColumns<Row>(figuresOf: (row: Row) => Figures, names?: readonly (keyof Figures)[]): ColumnOf<Row>[] {
  const columns = listColumns()
  const shown = names ?? (Object.keys(columns) as (keyof Figures)[])
  return shown.map((name) => ({ name, ...columns[name], value: (row: Row) => figuresOf(row)[name] }))
}
