import { z } from 'zod'
import { accuracySchema, cellFilter, count, seconds, timeRange, timestamp, windowSchema } from './common.ts'
import { breakdownSchema } from './models.ts'

export const latencyQuery = z.strictObject({
  ...timeRange,
  ...cellFilter,
  kind: z.enum(['latency', 'first_token', 'per_output_token']).default('latency').describe('What is measured.'),
})

export const latencyReply = z.object({
  window: windowSchema,
  step_seconds: count('Length of a bucket, seconds.'),
  models: z
    .array(
      z.object({
        model: z.string(),
        calls: count('Calls with the figure in the window.'),
        p50_seconds: seconds('Over the window.'),
        p90_seconds: seconds('Over the window.'),
        p95_seconds: seconds('Over the window.'),
        p99_seconds: seconds('Over the window.'),
        time_per_call: breakdownSchema,
        points: z.array(
          z.object({ timestamp, calls: count('Calls.'), p50_seconds: seconds(''), p95_seconds: seconds(''), p99_seconds: seconds('') }),
        ),
      }),
    )
    .describe('Most calls first, at most twenty; empty buckets are left out.'),
  accuracy: accuracySchema,
})
export type Latency = z.output<typeof latencyReply>
