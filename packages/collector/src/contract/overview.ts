import { z } from 'zod'
import { accuracySchema, cellFilter, count, seconds, share, timeRange, timestamp, usd, windowSchema } from './common.ts'
import { comparedFigures } from './figures.ts'

export const overviewQuery = z.strictObject({ ...timeRange, ...cellFilter })

export const activeSchema = z.object({
  users_5m: count('Users seen in the last 5 minutes.'),
  users_1h: count('Users seen in the last hour.'),
  users_24h: count('Users seen in the last 24 hours.'),
  sessions_30m: count('Sessions seen in the last 30 minutes.'),
})

/** One bucket of the charts. */
export const pointSchema = z.object({
  timestamp,
  calls: count('Calls that ended in the bucket.'),
  errors: count('Calls that ended in an error.'),
  input_tokens: count('Tokens.'),
  output_tokens: count('Tokens.'),
  cost_usd: usd('In the bucket.'),
})
export type Point = z.output<typeof pointSchema>

/** Percentiles are kept in longer buckets than sums. */
export const latencyPointSchema = z.object({
  timestamp,
  calls: count('Calls that ended in the bucket.'),
  latency_p50_seconds: seconds('Duration.'),
  latency_p95_seconds: seconds('Duration.'),
  latency_p99_seconds: seconds('Duration.'),
  first_token_p50_seconds: seconds('Time to first token.'),
})
export type LatencyPoint = z.output<typeof latencyPointSchema>

export const overviewReply = z.object({
  window: windowSchema,
  previous_window: windowSchema,
  step_seconds: count('Length of a bucket of `points`, seconds.'),
  ...comparedFigures,
  active: activeSchema.nullable().describe('Now, whatever the window; null under a filter: users are not kept by app or model.'),
  points: z.array(pointSchema).describe('Oldest first; buckets without calls have zeros.'),
  latency_step_seconds: count('Length of a bucket of `latency_points`, seconds.'),
  latency_points: z.array(latencyPointSchema).describe('Oldest first; buckets without calls are left out.'),
  models: z
    .array(z.object({ model: z.string(), calls: count('Calls.'), share_of_calls: share('Of all calls.'), cost_usd: usd('Known prices.') }))
    .describe('Most calls first, at most ten; the rest as `other`.'),
  top_users: z
    .array(
      z.object({
        user_id: z.string(),
        key: z.string().describe('For /v1/users/:id.'),
        tokens: count('Tokens in the hours that the last 24 h touch.'),
      }),
    )
    .nullable()
    .describe('At most ten; null under a filter.'),
  cost_today_usd: usd('Since midnight UTC.'),
  cost_yesterday_usd: usd('Of the whole day before, UTC.'),
  cost_yesterday_so_far_usd: usd('Of the day before up to this time of day.'),
  accuracy: accuracySchema,
})
export type Overview = z.output<typeof overviewReply>
