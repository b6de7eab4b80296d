import { z } from 'zod'
import { count, instant } from './common.ts'

export const MAX_WRITERS = 1000

export const integrityQuery = z.strictObject({
  writers: z.coerce.number().int().min(1).max(MAX_WRITERS).default(100).describe('Most writers that are listed.'),
})

const counters = z.record(z.string(), z.number())

export const integrityReply = z.object({
  tenant: z.string(),
  counters: counters.describe("Since the tenant's first write; what each counts stands in its name."),
  corrupt_fields: count('Fields found in Redis by this collector that could not be read; answers leave them out.'),
  writers_48h: count('Writers heard of in the last 48 hours.'),
  writers: z
    .array(
      z.object({
        writer: z.string(),
        app: z.string().nullable(),
        origin: z.string().nullable().describe('`host:process id`.'),
        last_sequence: count('Batches applied.'),
        last_heard: instant("By the server's clock.").nullable(),
        clock_ahead_ms: z.number().describe("How far its clock ran ahead of the server's when calls were last set back, milliseconds."),
        torn: z.boolean().describe('Half of its last batch is in the totals, after a cut append-only file was replayed.'),
        counters: counters.describe('Those that are not 0.'),
      }),
    )
    .describe('Those that entered themselves last first.'),
  timestamp: instant('When it was read.'),
})
export type IntegrityReply = z.output<typeof integrityReply>
