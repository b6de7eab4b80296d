import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readOpenAIUsage } from '../../src/dialects/read-openai-usage.ts'
import { newReading } from '../../src/dialects/reading.ts'

function read(usage: unknown, provider = 'openai') {
  const reading = newReading()
  readOpenAIUsage(usage, reading, provider)
  return reading
}

/** Usage as real providers send it, and what it means. */
const SAMPLES: [name: string, provider: string, usage: unknown, expected: object][] = [
  [
    'OpenAI chat',
    'openai',
    {
      prompt_tokens: 1117,
      completion_tokens: 46,
      total_tokens: 1163,
      prompt_tokens_details: { cached_tokens: 1024, cache_write_tokens: 50, audio_tokens: 3 },
      completion_tokens_details: { reasoning_tokens: 30, audio_tokens: 2, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
    },
    {
      inputTokens: 1117,
      cacheReadTokens: 1024,
      cacheWriteTokens: 50,
      outputTokens: 46,
      reasoningTokens: 30,
      inputAudioTokens: 3,
      outputAudioTokens: 2,
    },
  ],
  ['OpenAI embeddings', 'openai', { prompt_tokens: 8, total_tokens: 8 }, { inputTokens: 8, outputTokens: 0 }],
  [
    'OpenAI responses',
    'openai',
    {
      input_tokens: 36,
      input_tokens_details: { cached_tokens: 5 },
      output_tokens: 87,
      output_tokens_details: { reasoning_tokens: 64 },
      total_tokens: 123,
    },
    { inputTokens: 36, cacheReadTokens: 5, outputTokens: 87, reasoningTokens: 64 },
  ],
  [
    'OpenAI images',
    'openai',
    { input_tokens: 50, input_tokens_details: { text_tokens: 10, image_tokens: 40 }, output_tokens: 50, total_tokens: 100 },
    { inputTokens: 50, inputImageTokens: 40, outputTokens: 50 },
  ],
  [
    'OpenAI transcription by token',
    'openai',
    { type: 'tokens', input_tokens: 14, input_token_details: { text_tokens: 0, audio_tokens: 14 }, output_tokens: 45, total_tokens: 59 },
    { inputTokens: 14, inputAudioTokens: 14, outputTokens: 45 },
  ],
  ['OpenAI transcription by the second', 'openai', { type: 'duration', seconds: 9 }, { inputTokens: 0, outputTokens: 0 }],
  [
    'xAI, reasoning outside',
    'x_ai',
    {
      prompt_tokens: 12,
      completion_tokens: 1,
      total_tokens: 241,
      completion_tokens_details: { reasoning_tokens: 228 },
      num_sources_used: 0,
    },
    { inputTokens: 12, outputTokens: 229, reasoningTokens: 228 },
  ],
  [
    'xAI behind a gateway: the total tells',
    'openai_compatible',
    { prompt_tokens: 12, completion_tokens: 1, total_tokens: 241, completion_tokens_details: { reasoning_tokens: 228 } },
    { inputTokens: 12, outputTokens: 229, reasoningTokens: 228 },
  ],
  [
    'DeepSeek',
    'deepseek',
    {
      prompt_tokens: 30,
      completion_tokens: 20,
      total_tokens: 50,
      prompt_cache_hit_tokens: 10,
      prompt_cache_miss_tokens: 20,
      completion_tokens_details: { reasoning_tokens: 15 },
    },
    { inputTokens: 30, cacheReadTokens: 10, outputTokens: 20, reasoningTokens: 15 },
  ],
  [
    'DeepSeek hosted elsewhere',
    'openai_compatible',
    { prompt_tokens: 30, completion_tokens: 20, total_tokens: 50, prompt_tokens_details: null, reasoning_tokens: 4 },
    { inputTokens: 30, outputTokens: 20, reasoningTokens: 4 },
  ],
  [
    'Perplexity, reasoning beside the output',
    'perplexity',
    {
      prompt_tokens: 33,
      completion_tokens: 7163,
      total_tokens: 7196,
      citation_tokens: 20016,
      num_search_queries: 22,
      reasoning_tokens: 73997,
    },
    { inputTokens: 33, outputTokens: 81160, reasoningTokens: 73997 },
  ],
  [
    'Mistral',
    'mistral_ai',
    { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12, prompt_token_details: { cached_tokens: 2 } },
    { inputTokens: 9, cacheReadTokens: 2 },
  ],
  [
    'vLLM with details',
    'openai_compatible',
    { prompt_tokens: 20, completion_tokens: 3, total_tokens: 23, prompt_tokens_details: { cached_tokens: 16, created_cache_tokens: 4 } },
    { cacheReadTokens: 16, cacheWriteTokens: 4 },
  ],
  ['output missing, total given', 'openai', { completion_tokens: 3, total_tokens: 12 }, { inputTokens: 9, outputTokens: 3 }],
]

describe('readOpenAIUsage', () => {
  it.each(SAMPLES)('%s', (_name, provider, usage, expected) => {
    const reading = read(usage, provider)
    expect(reading.counts).toMatchObject(expected)
    expect(reading.problems).toEqual([])
  })

  it.each([
    ['text', 'many'],
    ['a list', [1, 2]],
    ['nothing in it', {}],
    ['negative', { prompt_tokens: -1, completion_tokens: 2 }],
    ['huge', { prompt_tokens: 1e12, completion_tokens: 2 }],
    ['not whole', { prompt_tokens: 1.5, completion_tokens: 2 }],
    ['a string', { prompt_tokens: '12', completion_tokens: 2 }],
    ['only the output', { completion_tokens: 2 }],
    ['not a number', { prompt_tokens: Number.NaN, completion_tokens: 2 }],
  ])('that is %s leaves no counts and one problem', (_name, usage) => {
    const reading = read(usage)
    expect(reading.counts).toBeUndefined()
    expect(reading.problems).toHaveLength(1)
  })

  it('that is broken leaves the counts that came before', () => {
    const reading = newReading()
    readOpenAIUsage({ prompt_tokens: 5, completion_tokens: 1 }, reading, 'openai')
    readOpenAIUsage({ prompt_tokens: 5, completion_tokens: -1 }, reading, 'openai')
    expect(reading.counts).toMatchObject({ inputTokens: 5, outputTokens: 1 })
  })

  it('names fields that nobody knows, and takes the rest', () => {
    const reading = read({
      prompt_tokens: 5,
      completion_tokens: 1,
      thinking_tokens: 3,
      prompt_tokens_details: { magic_tokens: 1, null_tokens: null },
    })
    expect(reading.counts).toMatchObject({ inputTokens: 5, outputTokens: 1 })
    expect(reading.problems).toEqual(['unknown field of usage: thinking_tokens', 'unknown field of input details: magic_tokens'])
  })

  it('cuts details to their total and says so', () => {
    const reading = read({ prompt_tokens: 5, completion_tokens: 1, total_tokens: 6, prompt_tokens_details: { cached_tokens: 9 } })
    expect(reading.counts).toMatchObject({ inputTokens: 5, cacheReadTokens: 5 })
    expect(reading.problems).toEqual(['usage: cached tokens exceeds its total'])
  })

  const anyValue = fc.oneof(fc.nat(2000), fc.constant(null), fc.constant(undefined), fc.integer(), fc.double(), fc.string(), fc.object())
  const fields = [
    'prompt_tokens',
    'completion_tokens',
    'total_tokens',
    'input_tokens',
    'output_tokens',
    'reasoning_tokens',
    'prompt_cache_hit_tokens',
    'cached_tokens',
  ]
  const details = fc.oneof(
    anyValue,
    fc.record({
      cached_tokens: anyValue,
      cache_write_tokens: anyValue,
      audio_tokens: anyValue,
      image_tokens: anyValue,
      reasoning_tokens: anyValue,
    }),
  )
  const anyUsage = fc.record(
    { ...Object.fromEntries(fields.map((field) => [field, anyValue])), prompt_tokens_details: details, completion_tokens_details: details },
    { requiredKeys: [] },
  )

  it('never breaks the inclusions, whatever arrives', () => {
    const provider = fc.constantFrom('openai', 'x_ai', 'perplexity', 'groq')
    fc.assert(
      fc.property(anyUsage, provider, (usage, name) => {
        const { counts } = read(usage, name)
        if (!counts) return
        const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens, ...modalities } = counts
        for (const count of Object.values(counts)) expect(Number.isSafeInteger(count) && count >= 0).toBe(true)
        expect(cacheReadTokens + cacheWriteTokens).toBeLessThanOrEqual(inputTokens)
        expect(reasoningTokens).toBeLessThanOrEqual(outputTokens)
        expect(modalities.inputAudioTokens ?? 0).toBeLessThanOrEqual(inputTokens)
        expect(modalities.outputAudioTokens ?? 0).toBeLessThanOrEqual(outputTokens)
      }),
      { numRuns: 2000 },
    )
  })
})
