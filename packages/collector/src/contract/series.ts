/** The questions about time series. Their fields are checked by the parser that port 8082 has as well: here they are described. */
import { z } from 'zod'

const instant = z
  .union([z.string(), z.number()])
  .describe('ISO 8601 with a zone, seconds or milliseconds since the epoch, `now`, or `now-1h` (units ms, s, m, h, d).')

const rangeFields = {
  start_time: instant,
  end_time: instant,
  aggregation: z
    .string()
    .optional()
    .describe('`avg sum min max count first last range std.p std.s var.p var.s rate p50 p90 p95 p99`; absent: the samples as they are.'),
  bucket_duration: z
    .union([z.string(), z.number()])
    .optional()
    .describe('Milliseconds, or `30s`, `5m`, `1h`; absent: one bucket over the range.'),
  align: z.union([z.string(), z.number()]).optional().describe('`epoch`, `start`, `end`, or an instant at which a bucket begins.'),
  empty: z.boolean().optional().describe('Whether buckets without samples are answered too.'),
  bucket_timestamp: z.string().optional().describe('`start`, `mid` or `end`: by which instant a bucket is answered.'),
  tier: z.string().optional().describe('`10s`, `1m`, `1h`; absent: what fits.'),
}

export const keyQuerySchema = z.object({
  key: z.string().describe('A series, as `GET /keys` of the other port lists them.'),
  ...rangeFields,
})
export const labelQuerySchema = z.object({
  metric: z.string().describe('A metric of `GET /v1/catalog`.'),
  filter: z
    .union([z.record(z.string(), z.unknown()), z.array(z.string())])
    .optional()
    .describe('By label: a name, a list of names, null (absent) or `{"not": …}`; or expressions such as `"model=(a,b)"`.'),
  group_by: z.array(z.string()).optional().describe('Labels; series that agree in them are made one.'),
  reduce: z.string().optional().describe('How, point by point: `sum avg min max count range std.p std.s var.p var.s`.'),
  top_k: z
    .object({ k: z.number().int(), by: z.string().optional(), other: z.boolean().optional() })
    .optional()
    .describe('Only the k greatest; `other`: the rest made one.'),
  limit: z.number().int().optional().describe('Most series, default 100, at most 1,000.'),
  ...rangeFields,
})
export const queryBody = z.union([labelQuerySchema, keyQuerySchema])

export const dataPointSchema = z.object({
  timestamp: z.number().int().describe('Milliseconds since the epoch.'),
  value: z.number().nullable().describe('In `unit`; null where an empty bucket has no value.'),
})

const noteFields = {
  unit: z.string().describe('UCUM, as OpenTelemetry writes units.'),
  tier: z.string().optional().describe('Of the longest steps that were read.'),
  tiers: z.array(z.string()).optional(),
  estimated: z.boolean().optional().describe('Whether a part of the values is no measurement.'),
  error_bound: z.number().optional().describe('Of the relative error of a percentile, 0 to 1.'),
  partial: z
    .object({ reason: z.literal('past_retention'), from: z.number().describe('Milliseconds since the epoch.') })
    .optional()
    .describe('Where what is still kept begins, when the range begins earlier.'),
}
const labels = z.record(z.string(), z.string())

export const keyReplySchema = z.object({ key: z.string(), data: z.array(dataPointSchema), labels, ...noteFields })
export const labelReplySchema = z.object({
  metric: z.string(),
  series: z.array(z.object({ labels, data: z.array(dataPointSchema) })),
  other: z.object({ series: z.number().int(), data: z.array(dataPointSchema) }).optional(),
  ...noteFields,
})
export const queryReply = z.union([labelReplySchema, keyReplySchema])
export type QueryReply = z.output<typeof queryReply>

export const multiQueryBody = z
  .array(z.union([labelQuerySchema.extend({ id: z.string().optional() }), keyQuerySchema.extend({ id: z.string().optional() })]))
  .describe('At most 50 (AIWATCH_MAX_QUERIES); `id` is by what the answer is found.')
export const multiQueryReply = z
  .record(z.string(), z.union([labelReplySchema, keyReplySchema, z.object({ error: z.string(), field: z.string().optional() })]))
  .describe('By `id`, else by key, else by place in the list.')
export type MultiQueryReply = z.output<typeof multiQueryReply>
