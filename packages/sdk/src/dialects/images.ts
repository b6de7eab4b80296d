/** Images: made and edited. Only the GPT image models report tokens; pictures themselves are never looked at. */
import { classifyError } from './classify-error.ts'
import type { Dialect } from './dialect.ts'
import { glanceAtType } from './glance.ts'
import { readOpenAIUsage } from './read-openai-usage.ts'
import { type JsonObject, type Reading, readModel } from './reading.ts'

function readImages(source: JsonObject, reading: Reading, provider: string): void {
  readModel(source, reading)
  readOpenAIUsage(source.usage, reading, provider)
  if (source.error !== undefined && source.error !== null) reading.error = classifyError(source.error)
}

const TERMINAL = new Set(['image_generation.completed', 'image_edit.completed'])

export const images: Dialect = {
  name: 'images',
  operation: 'image',
  replyFields: new Set(['model', 'usage', 'error']),
  parseWholeWhen: [],
  readReply: readImages,
  countCharacters: () => 0,
  stream: {
    takesStreamOptions: false,
    glance: (text) => glanceAtType(text, (type) => TERMINAL.has(type) || type === 'error'),
    isUsageOnly: () => false,
    readEvent(event, reading, provider) {
      if (TERMINAL.has(String(event.type))) reading.finished = true
      readImages(event, reading, provider)
      if (event.type === 'error') reading.error = classifyError(event.error ?? event)
    },
  },
}
