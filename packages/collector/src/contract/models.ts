import { z } from 'zod'
import { accuracySchema, cellFilter, count, seconds, timeRange, windowSchema } from './common.ts'
import { comparedFigures, figuresSchema } from './figures.ts'
import { latencyPointSchema, pointSchema } from './overview.ts'

export const modelsQuery = z.strictObject({
  ...timeRange,
  ...cellFilter,
  sort: z.enum(['calls', 'cost', 'tokens', 'errors', 'latency']).default('calls').describe('Greatest first.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

/** Where the time of the calls went, as far as their providers say: means over all calls of the window. */
export const breakdownSchema = z.object({
  queue_seconds: seconds('In the queue of the provider.'),
  prefill_seconds: seconds('Reading the prompt.'),
  decode_seconds: seconds('Writing the answer.'),
  other_seconds: seconds('The rest: network, client, and what the provider does not tell.'),
})

export const modelRowSchema = z.object({
  model: z.string(),
  providers: z.array(z.string()),
  apps: z.array(z.string()),
  figures: figuresSchema,
  time_per_call: breakdownSchema,
})

export const modelsReply = z.object({
  window: windowSchema,
  models: z.array(modelRowSchema),
  models_in_all: count('Models with calls in the window.'),
  accuracy: accuracySchema,
})
export type Models = z.output<typeof modelsReply>

export const modelQuery = z.strictObject({ ...timeRange, app: cellFilter.app, provider: cellFilter.provider })
export const modelReply = z.object({
  window: windowSchema,
  step_seconds: count('Length of a bucket of `points`, seconds.'),
  model: z.string(),
  providers: z.array(z.string()),
  apps: z.array(z.object({ app: z.string(), figures: figuresSchema })),
  ...comparedFigures,
  time_per_call: breakdownSchema,
  points: z.array(pointSchema),
  latency_step_seconds: count('Length of a bucket of `latency_points`, seconds.'),
  latency_points: z.array(latencyPointSchema).describe('Buckets without calls are left out.'),
  errors: z.array(z.object({ error_type: z.string(), calls: count('In the window.') })),
  accuracy: accuracySchema,
})
export type Model = z.output<typeof modelReply>
