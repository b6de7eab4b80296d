import { z } from 'zod'
import { cellFilter, count, instant, nextCursor, paging, timeRange, usd } from './common.ts'

const ms = (description: string) => z.number().min(0).nullable().describe(`${description} Milliseconds.`)

export const callSchema = z.object({
  id: z.string(),
  entry: z.string().describe('Place in the list of kept calls.'),
  started_at: instant('When the caller asked.'),
  app: z.string(),
  provider: z.string(),
  model: z.string().describe('As the provider named it.'),
  request_model: z.string().describe('As asked.'),
  operation: z.string(),
  stream: z.boolean(),
  outcome: z.string().describe('`ok`, `aborted` or the type of the error.'),
  http_status: z.number().int().nullable().describe('Of the last reply; null where none came.'),
  user_id: z.string().nullable(),
  session: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  trace_id: z.string().nullable().describe('OpenTelemetry trace id: the tag `trace_id`, where the program gives it.'),
  input_tokens: count('Cached ones included.'),
  output_tokens: count('Reasoning included.'),
  cache_read_tokens: count('Part of the input.'),
  cache_write_tokens: count('Part of the input.'),
  reasoning_tokens: count('Part of the output.'),
  usage_source: z.string().describe('`reported`, `requested`, `estimated`, `partial` or `none`.'),
  cost_usd: usd('Null when the price is not known.').nullable(),
  duration_ms: z.number().min(0).describe('Retries included. Milliseconds.'),
  first_token_ms: ms('Streams only.'),
  per_output_token_ms: ms('Streams only.'),
  queue_ms: ms('As the provider says.'),
  prefill_ms: ms('As the provider says.'),
  decode_ms: ms('As the provider says.'),
  attempts: count('HTTP exchanges; 1 without retries.'),
})
export type CallRow = z.output<typeof callSchema>

export const callsQuery = z.strictObject({
  from: timeRange.from.unwrap().optional().describe('Only calls that ended from then on. As `from` elsewhere; absent: all that are kept.'),
  to: timeRange.to.unwrap().optional().describe('Only calls that ended before. As `to` elsewhere.'),
  ...cellFilter,
  outcome: z.string().max(64).optional().describe('`ok`, `aborted`, `error` (any), or an error type.'),
  user: z.string().max(128).optional().describe('User id as the program gave it.'),
  session: z.string().max(128).optional(),
  tag: z.string().max(300).optional().describe('`name=value`.'),
  min_duration_ms: z.coerce.number().min(0).optional().describe('Milliseconds.'),
  sort: z
    .enum(['recent', 'slowest', 'costliest'])
    .default('recent')
    .describe('All but `recent` look at every kept call and have no further pages.'),
  ...paging,
})

export const callsReply = z.object({
  calls: z.array(callSchema),
  next_cursor: nextCursor,
  kept_calls: count('Calls that the list holds in all: all errors, the slowest, a fair sample of the rest, newest 10,000.'),
  oldest_kept: instant('End of the oldest kept call.').nullable(),
})
export type Calls = z.output<typeof callsReply>

export const sessionsQuery = z.strictObject({ user: z.string().max(128).optional(), ...paging })
export const sessionsReply = z.object({
  active_30m: count('Sessions seen in the last 30 minutes, exact.'),
  active_24h: count('Sessions seen in the last 24 hours, exact.'),
  sessions: z
    .array(
      z.object({
        session: z.string(),
        user_id: z.string().nullable(),
        first_seen: instant('First of the calls that are kept.'),
        last_seen: instant('Last of the calls that are kept.'),
        calls: count('Of the calls that are kept.'),
        errors: count('Of the calls that are kept.'),
        input_tokens: count('Of the calls that are kept.'),
        output_tokens: count('Of the calls that are kept.'),
        cost_usd: usd('Of the calls that are kept.'),
        models: z.array(z.string()),
      }),
    )
    .describe('Found among the kept calls (a sample where there are many), last seen first.'),
  next_cursor: nextCursor,
})
export type Sessions = z.output<typeof sessionsReply>
