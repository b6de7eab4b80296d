/**
 * Usage objects of OpenAI and of everybody who copied it. Chat Completions and Embeddings say `prompt_tokens` and `completion_tokens`,
 * Responses, Images and Audio say `input_tokens` and `output_tokens`; the copies add fields of their own.
 */
import { noteUnknownFields, readCount, readDetails, subset } from './read-counts.ts'
import { isObject, type JsonObject, type Reading, type TokenCounts } from './reading.ts'

const USAGE_FIELDS = new Set(
  `prompt_tokens completion_tokens total_tokens input_tokens output_tokens prompt_tokens_details completion_tokens_details
  prompt_token_details input_tokens_details output_tokens_details input_token_details output_token_details type seconds
  prompt_cache_hit_tokens prompt_cache_miss_tokens reasoning_tokens cached_tokens num_cached_tokens prompt_audio_seconds
  queue_time prompt_time completion_time total_time cost cost_details is_byok server_tool_use_details
  num_sources_used cost_in_usd_ticks citation_tokens num_search_queries search_context_size`.split(/\s+/),
)
const DETAIL_FIELDS = new Set(
  `cached_tokens cache_write_tokens created_cache_tokens audio_tokens image_tokens text_tokens video_tokens multimodal_tokens
  reasoning_tokens accepted_prediction_tokens rejected_prediction_tokens cached_tokens_details`.split(/\s+/),
)

/** Providers that count reasoning beside the output, for replies whose total does not show it. */
const REASONING_OUTSIDE = new Set(['x_ai', 'perplexity'])

/**
 * True when the reported output leaves out the reasoning. The total tells (12 + 1 + 228 reasoning = 241 on xAI); without a total
 * that decides, the provider does.
 */
function isReasoningOutside(
  counts: { input: number; output: number; reasoning: number; total?: number },
  usage: JsonObject,
  provider: string,
): boolean {
  const { input, output, reasoning, total } = counts
  if (reasoning === 0) return false
  if (total === input + output + reasoning) return true
  // Perplexity's total leaves out the reasoning that it bills beside the output.
  if (provider === 'perplexity') return typeof usage.reasoning_tokens === 'number'
  if (total === input + output) return reasoning > output && REASONING_OUTSIDE.has(provider)
  return REASONING_OUTSIDE.has(provider)
}

/** Input and output as reported; one that is missing follows from the total. Undefined when they cannot be known. */
function readTotals(usage: JsonObject, reading: Reading): { input: number; output: number; total?: number } | undefined {
  const before = reading.problems.length
  const input = readCount(usage.prompt_tokens, 'prompt_tokens', reading) ?? readCount(usage.input_tokens, 'input_tokens', reading)
  const output =
    readCount(usage.completion_tokens, 'completion_tokens', reading) ?? readCount(usage.output_tokens, 'output_tokens', reading)
  const total = readCount(usage.total_tokens, 'total_tokens', reading)
  if (reading.problems.length > before) return undefined
  // Transcriptions billed by the second have no tokens.
  if (usage.type === 'duration') return { input: 0, output: 0 }
  if (input !== undefined && output !== undefined) return { input, output, total }
  // Embeddings have no output.
  if (input !== undefined) return { input, output: Math.max(0, (total ?? input) - input), total }
  if (output !== undefined && total !== undefined && total >= output) return { input: total - output, output, total }
  reading.problems.push('usage has no token counts')
  return undefined
}

/** Reads a usage object into `reading.counts`. One that cannot be read leaves the counts as they were. */
export function readOpenAIUsage(usage: unknown, reading: Reading, provider: string): void {
  if (usage === undefined || usage === null) return
  if (!isObject(usage)) {
    reading.problems.push('usage is not an object')
    return
  }
  noteUnknownFields(usage, USAGE_FIELDS, 'usage', reading)
  const totals = readTotals(usage, reading)
  if (!totals) return
  const input = usage.prompt_tokens_details ?? usage.input_tokens_details ?? usage.input_token_details ?? usage.prompt_token_details
  const output = usage.completion_tokens_details ?? usage.output_tokens_details ?? usage.output_token_details
  const inputDetails = readDetails(input, DETAIL_FIELDS, 'input details', reading)
  const outputDetails = readDetails(output, DETAIL_FIELDS, 'output details', reading)
  reading.counts = countTokens({ usage, totals, inputDetails, outputDetails }, reading, provider)
}

interface UsageParts {
  usage: JsonObject
  totals: { input: number; output: number; total?: number }
  inputDetails: JsonObject
  outputDetails: JsonObject
}

function countTokens({ usage, totals, inputDetails, outputDetails }: UsageParts, reading: Reading, provider: string): TokenCounts {
  const { input } = totals
  const reasoning =
    readCount(outputDetails.reasoning_tokens, 'reasoning_tokens', reading) ??
    readCount(usage.reasoning_tokens, 'reasoning_tokens', reading) ??
    0
  const output = totals.output + (isReasoningOutside({ ...totals, reasoning }, usage, provider) ? reasoning : 0)
  const cached =
    readCount(inputDetails.cached_tokens, 'cached_tokens', reading) ??
    readCount(usage.prompt_cache_hit_tokens, 'prompt_cache_hit_tokens', reading) ??
    readCount(usage.cached_tokens, 'cached_tokens', reading) ??
    readCount(usage.num_cached_tokens, 'num_cached_tokens', reading)
  const written =
    readCount(inputDetails.cache_write_tokens, 'cache_write_tokens', reading) ??
    readCount(inputDetails.created_cache_tokens, 'created_cache_tokens', reading)
  const cacheReadTokens = subset(cached, input, 'cached tokens', reading)
  const counts: TokenCounts = {
    inputTokens: input,
    cacheReadTokens,
    cacheWriteTokens: subset(written, input - cacheReadTokens, 'cache write tokens', reading),
    outputTokens: output,
    reasoningTokens: subset(reasoning, output, 'reasoning tokens', reading),
  }
  const inputAudio = readCount(inputDetails.audio_tokens, 'audio_tokens', reading)
  const inputImage = readCount(inputDetails.image_tokens, 'image_tokens', reading)
  const outputAudio = readCount(outputDetails.audio_tokens, 'audio_tokens', reading)
  const outputImage = readCount(outputDetails.image_tokens, 'image_tokens', reading)
  if (inputAudio) counts.inputAudioTokens = subset(inputAudio, input, 'input audio tokens', reading)
  if (inputImage) counts.inputImageTokens = subset(inputImage, input, 'input image tokens', reading)
  if (outputAudio) counts.outputAudioTokens = subset(outputAudio, output, 'output audio tokens', reading)
  if (outputImage) counts.outputImageTokens = subset(outputImage, output, 'output image tokens', reading)
  return counts
}
