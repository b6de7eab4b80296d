import { z } from 'zod'
import { count, seconds, share, usd } from './common.ts'

/** The figures of a window, the same for everything that has some: all, a model, an app. */
export const figuresSchema = z.object({
  calls: count('Calls that ended, whatever their outcome.'),
  calls_per_second: count('Mean over the window.'),
  errors: count('Calls whose outcome is an error.'),
  aborted_calls: count('Calls that the caller left; no errors.'),
  error_rate: share('Errors ÷ calls; 0 without calls.'),
  input_tokens: count('Tokens, cached ones included.'),
  output_tokens: count('Tokens, reasoning included.'),
  cache_read_tokens: count('Part of the input.'),
  cache_write_tokens: count('Part of the input.'),
  reasoning_tokens: count('Part of the output.'),
  estimated_input_tokens: count('Part of the input that no provider reported.'),
  estimated_output_tokens: count('Part of the output that no provider reported.'),
  input_tokens_per_second: count('Mean over the window.'),
  output_tokens_per_second: count('Mean over the window.'),
  generation_tokens_per_second: count('Output tokens ÷ time in which output was made; 0 without data.'),
  cost_usd: usd('Calls whose price is known.'),
  unpriced_calls: count('Calls whose price is not known: they are in no cost.'),
  cache_saved_usd: usd('What the same calls would have cost more without the prompt cache.'),
  wasted_usd: usd('Attempts whose answer nobody got.'),
  wasted_tokens: count('Tokens of attempts whose answer nobody got.'),
  wasted_attempts: count('HTTP exchanges beyond the last of their call.'),
  latency_mean_seconds: seconds('Mean duration of a call.'),
  latency_p50_seconds: seconds('Duration of a call.'),
  latency_p95_seconds: seconds('Duration of a call.'),
  latency_p99_seconds: seconds('Duration of a call.'),
  first_token_p50_seconds: seconds('Streams: request to first content.'),
  first_token_p95_seconds: seconds('Streams: request to first content.'),
  first_token_p99_seconds: seconds('Streams: request to first content.'),
  per_output_token_p50_seconds: seconds('Streams: time between output tokens.'),
})
export type Figures = z.output<typeof figuresSchema>

/** Figures of a window beside those of the window of the same length before it. */
export const comparedFigures = {
  figures: figuresSchema,
  previous: figuresSchema.nullable().describe('The window of the same length before; null when it is not kept.'),
}
