/** What the APIs have in common that take forms (pictures, audio): a flat reply, and streams that name their last event by type. */
import { classifyError } from './classify-error.ts'
import type { Dialect } from './dialect.ts'
import { glanceAtType } from './glance.ts'
import { readOpenAIUsage } from './read-openai-usage.ts'
import { type JsonObject, type Reading, readModel } from './reading.ts'

function readForm(source: JsonObject, reading: Reading, provider: string): void {
  readModel(source, reading)
  readOpenAIUsage(source.usage, reading, provider)
  if (source.error !== undefined && source.error !== null) reading.error = classifyError(source.error)
}

export interface FormDialectFields extends Pick<Dialect, 'name' | 'operation' | 'countCharacters'> {
  /** Types of the events that end a stream, and carry its usage. */
  terminal: readonly string[]
  /** Besides model, usage and error. */
  replyFields?: readonly string[]
}

export function formDialect({ name, operation, countCharacters, terminal, replyFields = [] }: FormDialectFields): Dialect {
  const ends = new Set(terminal)
  return {
    name,
    operation,
    replyFields: new Set(['model', 'usage', 'error', ...replyFields]),
    readReply: readForm,
    countCharacters,
    stream: {
      takesStreamOptions: false,
      glance: (text) => glanceAtType(text, (type) => ends.has(type) || type === 'error'),
      isUsageOnly: () => false,
      readEvent(event, reading, provider) {
        if (ends.has(String(event.type))) reading.finished = true
        readForm(event, reading, provider)
        if (event.type === 'error') reading.error = classifyError(event.error ?? event)
      },
    },
  }
}
