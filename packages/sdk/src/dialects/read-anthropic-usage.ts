/**
 * Usage objects of Anthropic's Messages API. `input_tokens` leaves out what was read from the cache and written to it: all three
 * together are the input. `output_tokens` includes thinking.
 */
import { noteUnknownFields, readCount, readDetails, subset } from './read-counts.ts'
import { isObject, type JsonObject, type Reading, type TokenCounts } from './reading.ts'

const USAGE_FIELDS = new Set(
  `type model input_tokens cache_creation_input_tokens cache_read_input_tokens cache_creation output_tokens output_tokens_details
  server_tool_use service_tier inference_geo speed fallback_credit iterations
  cost cost_details is_byok`.split(/\s+/),
)
const CACHE_FIELDS = new Set(['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens'])
const OUTPUT_FIELDS = new Set(['thinking_tokens'])

/** The tokens of a usage object; undefined when they cannot be known. */
export function countAnthropicTokens(usage: JsonObject, reading: Reading): TokenCounts | undefined {
  const counts = countEntry(usage, reading)
  if (!counts || !Array.isArray(usage.iterations)) return counts
  for (const entry of usage.iterations) {
    if (!isObject(entry)) continue
    // Billed beside the totals: what it took to make the conversation shorter.
    if (entry.type === 'compaction') addCounts(counts, countEntry(entry, reading))
    // Another model's tokens, billed at that model's price: they cannot be added to this call.
    else if (entry.type === 'advisor_message') reading.problems.push('usage.iterations has tokens of an advisor, which are not counted')
  }
  return counts
}

function countEntry(usage: JsonObject, reading: Reading): TokenCounts | undefined {
  noteUnknownFields(usage, USAGE_FIELDS, 'usage', reading)
  const before = reading.problems.length
  const uncached = readCount(usage.input_tokens, 'input_tokens', reading)
  const read = readCount(usage.cache_read_input_tokens, 'cache_read_input_tokens', reading) ?? 0
  const total = readCount(usage.cache_creation_input_tokens, 'cache_creation_input_tokens', reading)
  const output = readCount(usage.output_tokens, 'output_tokens', reading)
  if (reading.problems.length > before) return undefined
  if (uncached === undefined && output === undefined) {
    reading.problems.push('usage has no token counts')
    return undefined
  }
  const split = readDetails(usage.cache_creation, CACHE_FIELDS, 'cache details', reading)
  const hour = readCount(split.ephemeral_1h_input_tokens, 'ephemeral_1h_input_tokens', reading)
  const minutes = readCount(split.ephemeral_5m_input_tokens, 'ephemeral_5m_input_tokens', reading)
  // The last event of a stream has the total without its split: what the split does not explain was kept for five minutes.
  const written = total ?? (hour ?? 0) + (minutes ?? 0)
  const details = readDetails(usage.output_tokens_details, OUTPUT_FIELDS, 'output details', reading)
  const thinking = readCount(details.thinking_tokens, 'thinking_tokens', reading)
  const counts: TokenCounts = {
    inputTokens: (uncached ?? 0) + read + written,
    cacheReadTokens: read,
    cacheWriteTokens: written,
    outputTokens: output ?? 0,
    reasoningTokens: subset(thinking, output ?? 0, 'thinking tokens', reading),
  }
  if (hour) counts.cacheWrite1hTokens = subset(hour, written, 'one-hour cache tokens', reading)
  return counts
}

function addCounts(sum: TokenCounts, more: TokenCounts | undefined): void {
  if (!more) return
  sum.inputTokens += more.inputTokens
  sum.cacheReadTokens += more.cacheReadTokens
  sum.cacheWriteTokens += more.cacheWriteTokens
  sum.outputTokens += more.outputTokens
  sum.reasoningTokens += more.reasoningTokens
  const hour = (sum.cacheWrite1hTokens ?? 0) + (more.cacheWrite1hTokens ?? 0)
  if (hour > 0) sum.cacheWrite1hTokens = hour
}

/** Usage comes in parts that overwrite each other field by field; null says nothing. Never added: each part is cumulative. */
export function mergeUsage(before: JsonObject | undefined, part: JsonObject): JsonObject {
  const merged = { ...before }
  for (const field in part) if (part[field] !== null && part[field] !== undefined) merged[field] = part[field]
  return merged
}
