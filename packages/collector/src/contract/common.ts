/** What the operations of /v1 have in common. Everything in this folder is pure: schemas and types, no Node, no store. */
import { z } from 'zod'

/** Values of one filter: `model=a` or `model=a&model=b`, any of them. */
const names = (what: string) =>
  z
    .union([z.string().min(1).max(512), z.array(z.string().min(1).max(512)).min(1).max(50)])
    .transform((value) => (Array.isArray(value) ? value : [value]))
    .optional()
    .describe(`Only ${what} of these names; may be given several times.`)

export const cellFilter = {
  app: names('apps'),
  provider: names('providers'),
  model: names('models'),
}

const TIME = 'ISO 8601 with a zone, seconds or milliseconds since the epoch, `now`, or `now-1h` (units ms, s, m, h, d).'

export const timeRange = {
  from: z.string().max(40).default('now-1h').describe(`Start of the window. ${TIME}`),
  to: z.string().max(40).default('now').describe(`End of the window, exclusive. ${TIME}`),
}

export const paging = {
  limit: z.coerce.number().int().min(1).max(500).default(50).describe('Most entries of a page.'),
  cursor: z.string().max(512).optional().describe('`next_cursor` of the page before.'),
}

export const count = (description: string) => z.number().min(0).describe(description)
export const share = (description: string) => z.number().min(0).max(1).describe(`${description} 0 to 1.`)
export const seconds = (description: string) => z.number().min(0).nullable().describe(`${description} Seconds; null without data.`)
export const usd = (description: string) => z.number().describe(`${description} US dollars.`)
/** Instants in replies. */
export const instant = (description: string) => z.iso.datetime().describe(`${description} ISO 8601, UTC.`)
export const timestamp = z.number().int().describe('Start of the bucket, milliseconds since the epoch.')

export const windowSchema = z.object({
  from: instant('Start.'),
  to: instant('End, exclusive.'),
})
export type Window = z.output<typeof windowSchema>

/** Why figures may be less than exact. */
export const accuracySchema = z.object({
  percentile_error: share('Relative error of every percentile, at most.'),
  past_retention_before: instant('Data before this instant is no longer kept at the needed detail.').nullable(),
})

export const nextCursor = z.string().nullable().describe('Give it as `cursor` for the next page; null on the last.')

/** RFC 9457. */
export const problemSchema = z.object({
  type: z.string().describe('URI of the kind of problem.'),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().describe('What is wrong with this request.'),
  field: z.string().optional().describe('The part of the request that is wrong.'),
})
export type Problem = z.output<typeof problemSchema>
