import { z } from 'zod'
import { cellFilter, count, instant, share, timeRange, timestamp, windowSchema } from './common.ts'

export const errorsQuery = z.strictObject({
  ...timeRange,
  ...cellFilter,
  outcome: z.string().max(64).optional().describe('Only this error type.'),
})

export const errorsReply = z.object({
  window: windowSchema,
  step_seconds: count('Length of a bucket, seconds.'),
  calls: count('In the window.'),
  errors: count('In the window.'),
  error_rate: share('Errors ÷ calls; 0 without calls.'),
  patterns: z
    .array(
      z.object({
        error_type: z.string(),
        app: z.string(),
        provider: z.string(),
        model: z.string(),
        calls: count('In the window.'),
        share_of_calls: share('Of the calls of this app, provider and model.'),
        first_seen: instant('Ever.').nullable(),
        last_seen: instant('Ever.').nullable(),
        is_new: z.boolean().describe('First seen within the window.'),
      }),
    )
    .describe('Most first.'),
  heatmap: z
    .array(z.object({ error_type: z.string(), buckets: z.array(z.object({ timestamp, calls: count('Errors of the type.') })) }))
    .describe('By error type, oldest bucket first; empty buckets are left out.'),
})
export type Errors = z.output<typeof errorsReply>
