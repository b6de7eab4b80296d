/** How the wire of one API is read. A dialect is pure: JSON and events in, facts out; it knows nothing of HTTP. */
import type { Operation } from '@aiwatch/store'
import type { JsonObject, Reading } from './reading.ts'

/** What a look at the text of an event said, without parsing it. */
export const NOTHING = 0
export const CONTENT = 1
/** The event must be parsed and read. */
export const READ = 2
export type Glance = typeof NOTHING | typeof CONTENT | typeof READ

export interface StreamDialect {
  /**
   * Looks at the text of one event (bytes as Latin-1 characters). Runs for each event of each stream: no allocation, no parsing.
   */
  glance(text: string, reading: Reading): Glance
  /** Reads a parsed event; counts it in `contentEvents` when it bears content. */
  readEvent(event: JsonObject, reading: Reading, provider: string): void
  /** True for the extra event that only carries usage; it is sent because it was asked for by `stream_options`. */
  isUsageOnly(event: JsonObject): boolean
  /** The API knows `stream_options.include_usage`. */
  takesStreamOptions: boolean
}

export interface Dialect {
  name: string
  operation: Operation
  /** Name of the provider at a host that is not in the table; default `openai_compatible`. */
  unknownProvider?: string
  /** Its path is also that of other APIs: at a host that is not in the table, only a request whose body looks like this is one. */
  isRequest?(body: string): boolean
  /** Top-level fields of a reply that `readReply` looks at; the others are skipped, not parsed. */
  replyFields: ReadonlySet<string>
  /** Replies name their model early and give their usage late: both are found without walking through the answer. */
  usageIsLate?: boolean
  /** A reply that contains this is parsed whole. */
  parseWholeWhen?: RegExp
  readReply(reply: JsonObject, reading: Reading, provider: string): void
  /** Characters of the answer in a whole reply: the base of the estimate when it has no usage. */
  countCharacters(reply: JsonObject): number
  stream?: StreamDialect
}
