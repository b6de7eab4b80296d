/** Audio: transcription, translation, speech. Some models are billed by the second and report no tokens. */
import { classifyError } from './classify-error.ts'
import type { Dialect } from './dialect.ts'
import { glanceAtType } from './glance.ts'
import { readOpenAIUsage } from './read-openai-usage.ts'
import { type JsonObject, type Reading, readModel } from './reading.ts'

function readAudio(source: JsonObject, reading: Reading, provider: string): void {
  readModel(source, reading)
  readOpenAIUsage(source.usage, reading, provider)
  if (source.error !== undefined && source.error !== null) reading.error = classifyError(source.error)
}

const TERMINAL = new Set(['transcript.text.done', 'speech.audio.done'])

export const audio: Dialect = {
  name: 'audio',
  operation: 'audio',
  replyFields: new Set(['model', 'usage', 'error', 'text']),
  parseWholeWhen: [],
  readReply: readAudio,
  countCharacters: (reply) => (typeof reply.text === 'string' ? reply.text.length : 0),
  stream: {
    takesStreamOptions: false,
    glance: (text) => glanceAtType(text, (type) => TERMINAL.has(type) || type === 'error'),
    isUsageOnly: () => false,
    readEvent(event, reading, provider) {
      if (TERMINAL.has(String(event.type))) reading.finished = true
      readAudio(event, reading, provider)
      if (event.type === 'error') reading.error = classifyError(event.error ?? event)
    },
  },
}
