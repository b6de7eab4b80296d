/** Embeddings: input tokens only. */
import { chatCompletions } from './chat-completions.ts'
import type { Dialect } from './dialect.ts'

export const embeddings: Dialect = {
  name: 'embeddings',
  operation: 'embeddings',
  replyFields: new Set(['model', 'usage', 'error']),
  usageIsLate: true,
  parseWholeWhen: /"error"/,
  readReply: chatCompletions.readReply,
  countCharacters: () => 0,
}
