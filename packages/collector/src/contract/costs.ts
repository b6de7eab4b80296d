import { z } from 'zod'
import { cellFilter, count, timeRange, timestamp, usd, windowSchema } from './common.ts'

export const costsQuery = z.strictObject({
  ...timeRange,
  ...cellFilter,
  by: z
    .enum(['model', 'app', 'provider', 'user', 'tag'])
    .default('model')
    .describe('`user` and `tag`: whole hours, at most 7 days back, no filters.'),
  user: z.string().max(128).optional().describe('With `by=user`: only this user id.'),
  tag: z.string().max(128).optional().describe('With `by=tag`: only tags of this name.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export const costsReply = z.object({
  window: windowSchema,
  step_seconds: count('Length of a bucket, seconds.'),
  cost_usd: usd('Of the calls whose price is known.'),
  unpriced_calls: count('Calls whose price is not known: they are in no cost.'),
  unpriced_models: z.array(z.object({ model: z.string(), calls: count('Without a price.'), tokens: count('Of all calls of the model.') })),
  cache_saved_usd: usd('What the same calls would have cost more without the prompt cache.'),
  wasted_usd: usd('Attempts whose answer nobody got.'),
  wasted_attempts: count('HTTP exchanges beyond the last of their call.'),
  rows: z
    .array(
      z.object({
        name: z.string().describe('Model, app, provider, user id, or `name=value` of a tag.'),
        key: z.string().nullable().describe('Of a user, for /v1/users/:id.'),
        cost_usd: usd('In the window.'),
        calls: count('In the window.').nullable(),
        tokens: count('In the window.').nullable(),
        unpriced_calls: count('In the window.').nullable(),
        cache_saved_usd: usd('In the window.').nullable(),
        wasted_usd: usd('In the window.').nullable(),
      }),
    )
    .describe('Most money first. Null: not kept by this name.'),
  points: z.array(
    z.object({ timestamp, cost_usd: usd('In the bucket.'), cache_saved_usd: usd('In the bucket.'), wasted_usd: usd('In the bucket.') }),
  ),
})
export type Costs = z.output<typeof costsReply>
