/** Audio: transcription, translation, speech. Some models are billed by the second and report no tokens. */
import { formDialect } from './form-dialect.ts'

export const audio = formDialect({
  name: 'audio',
  operation: 'audio',
  terminal: ['transcript.text.done', 'speech.audio.done'],
  replyFields: ['text'],
  countCharacters: (reply) => (typeof reply.text === 'string' ? reply.text.length : 0),
})
