import { z } from 'zod'
import { callSchema } from './calls.ts'
import { cellFilter, count, instant, seconds, share, usd } from './common.ts'
import { activeSchema } from './overview.ts'

export const streamQuery = z.strictObject({
  events: z
    .string()
    .regex(/^(live|calls)(,(live|calls))?$/, 'must be live, calls, or both with a comma between')
    .default('live,calls')
    .describe('Which events to send.'),
  app: cellFilter.app,
  model: cellFilter.model,
})

/** Data of the event `live`, sent each second. */
export const liveSchema = z.object({
  at: instant('When it was read.'),
  calls_per_second: count('Over the six newest closed 10 s buckets.'),
  input_tokens_per_second: count('Over the same.'),
  output_tokens_per_second: count('Over the same.'),
  calls_5m: count('Calls of the last 5 minutes.'),
  error_rate: share('Over the last 5 minutes; 0 without calls.'),
  latency_p50_seconds: seconds('Over the last 5 minutes.'),
  latency_p95_seconds: seconds('Over the last 5 minutes.'),
  latency_p99_seconds: seconds('Over the last 5 minutes.'),
  cost_today_usd: usd('Since midnight UTC.'),
  active: activeSchema,
})
export type Live = z.output<typeof liveSchema>

/** Data of the event `calls`: those kept since the event before, oldest first. */
export const newCallsSchema = z.object({
  calls: z.array(callSchema),
  skipped: z.boolean().describe('More came than are sent at once, or than are still kept: the oldest are not here.'),
})
export type NewCalls = z.output<typeof newCallsSchema>

export const streamReply = z
  .string()
  .describe('Server-sent events: `live` (each second) and `calls`; `id` resumes by the header Last-Event-ID.')
