import { z } from 'zod'
import { callSchema } from './calls.ts'
import { count, instant, nextCursor, paging, share, timestamp, usd } from './common.ts'

export const usersQuery = z.strictObject({
  window: z.enum(['1h', '6h', '24h', '7d']).default('24h').describe('Hours that count for the rank; whole hours, the open one included.'),
  sort: z.enum(['tokens', 'calls', 'cost']).default('tokens').describe('Most first.'),
  search: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('Users whose id contains this text, among the best 1,000 of the window; case does not matter.'),
  ...paging,
})

export const userTotalsSchema = z.object({
  calls: count('Calls.'),
  errors: count('Calls that ended in an error.'),
  input_tokens: count('Tokens.'),
  output_tokens: count('Tokens.'),
  cost_usd: usd('Calls whose price is known.'),
  sessions: count('Sessions.'),
})

export const userRowSchema = z.object({
  key: z.string().describe('For /v1/users/:id.'),
  user_id: z.string(),
  rank: count('1 is first.'),
  value: z.number().describe('What the rank goes by, in the window: tokens, calls or US dollars.'),
  totals: userTotalsSchema.nullable().describe('Since first seen; null for a user who was idle for 30 days.'),
  first_seen: instant('First call.').nullable(),
  last_seen: instant('Last call.').nullable(),
  is_new: z.boolean().describe('First seen within the window.'),
})

export const audienceSchema = z.object({
  daily_active: count('Users of the last 24 hours, exact.'),
  weekly_active: count('Users of the last 7 days (UTC); an estimate, standard error 0.81 %.'),
  monthly_active: count('Users of the last 30 days (UTC); an estimate, standard error 0.81 %.'),
  stickiness: share('Mean of daily active users ÷ monthly active users.'),
  days: z
    .array(
      z.object({ timestamp, active: count('Users of the day, estimate.'), new_users: count('Of them first seen on that day, estimate.') }),
    )
    .describe('The last 30 days (UTC), oldest first.'),
})

export const usersReply = z.object({
  users: z.array(userRowSchema),
  audience: audienceSchema,
  next_cursor: nextCursor,
})
export type Users = z.output<typeof usersReply>

export const userQuery = z.strictObject({})
export const userReply = z.object({
  key: z.string(),
  user_id: z.string(),
  totals: userTotalsSchema,
  first_seen: instant('First call.').nullable(),
  last_seen: instant('Last call.').nullable(),
  models: z.array(
    z.object({
      app: z.string(),
      provider: z.string(),
      model: z.string(),
      calls: count('Calls.'),
      errors: count('Calls that ended in an error.'),
      input_tokens: count('Tokens.'),
      output_tokens: count('Tokens.'),
      cost_usd: usd('Known prices.'),
    }),
  ),
  hours: z
    .array(z.object({ timestamp, tokens: count('Tokens.'), calls: count('Calls.'), cost_usd: usd('Known prices.') }))
    .describe('The last 7 days by hour, oldest first; hours without calls have zeros.'),
  recent_calls: z.array(callSchema).describe('Of the calls that are kept, newest first, at most 50.'),
  recent_sessions: z.array(
    z.object({ session: z.string(), calls: count('Of the calls that are kept.'), last_seen: instant('Last call.') }),
  ),
})
export type User = z.output<typeof userReply>
