/** Several questions in one request. */
import { z } from 'zod'

export const MAX_QUESTIONS = 32

export const answersBody = z.object({
  questions: z
    .array(
      z.strictObject({
        path: z
          .string()
          .max(8192)
          .describe('Path and query of an operation that takes role `read`, such as `/v1/overview?from=now-1h`; not `/v1/stream`.'),
        body: z.unknown().optional().describe('Of a POST.'),
      }),
    )
    .min(1)
    .max(MAX_QUESTIONS)
    .describe(`At most ${MAX_QUESTIONS}.`),
})

export const answersReply = z.object({
  answers: z
    .array(
      z.object({
        status: z.number().int().describe('HTTP status that the question has by itself.'),
        body: z.unknown().describe('The reply of the operation; a problem document where `status` is 400 or more.'),
      }),
    )
    .describe('In the order of the questions.'),
})
export type AnswersReply = z.output<typeof answersReply>
