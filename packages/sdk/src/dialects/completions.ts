/** The old completions API: a prompt in, text out. */
import { chatCompletions, countStrings } from './chat-completions.ts'
import { type Dialect, READ } from './dialect.ts'
import { glanceAtText } from './glance.ts'
import { isObject, type JsonObject } from './reading.ts'

const textsOf = (source: JsonObject): string[] =>
  Array.isArray(source.choices)
    ? source.choices.map((choice) => (isObject(choice) && typeof choice.text === 'string' ? choice.text : ''))
    : []

export const completions: Dialect = {
  name: 'completions',
  operation: 'text_completion',
  replyFields: chatCompletions.replyFields,
  usageIsLate: true,
  parseWholeWhen: chatCompletions.parseWholeWhen,
  readReply: chatCompletions.readReply,
  countCharacters: (reply) => countStrings(textsOf(reply)),
  stream: {
    takesStreamOptions: true,
    glance: (text, reading) => (reading.model === undefined ? READ : glanceAtText(text)),
    isUsageOnly: (event) => chatCompletions.stream?.isUsageOnly(event) ?? false,
    readEvent(event, reading, provider) {
      chatCompletions.stream?.readEvent(event, reading, provider)
      if (textsOf(event).some((text) => text !== '')) reading.contentEvents++
    },
  },
}
