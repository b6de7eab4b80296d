import { calcPrice, findProvider } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePrice } from '../../src/pricing/compile-price.ts'
import { compileModel } from '../../src/pricing/price-at.ts'
import { sampleUsage } from '../sample-call.ts'

const PROVIDERS = [
  'openai',
  'anthropic',
  'google',
  'azure',
  'aws',
  'groq',
  'mistral',
  'deepseek',
  'x-ai',
  'together',
  'fireworks',
  'openrouter',
  'cohere',
  'moonshotai',
]
const LISTED = PROVIDERS.flatMap((providerId) =>
  (findProvider({ providerId })?.models ?? []).map((model) => ({ providerId, model: model.id })),
)

/** Models by their id as the library finds them; some ids are not matched by their own rule. */
const MODELS = LISTED.filter(({ providerId, model }) => calcPrice({}, model, { providerId }))

const tokens = fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 1_000_000 }))
const usages = fc
  .record({
    fresh: tokens,
    read: tokens,
    write5m: tokens,
    write1h: tokens,
    output: tokens,
    reasoning: tokens,
    audioIn: tokens,
    audioOut: tokens,
  })
  .map((parts) => ({
    ...parts,
    input: parts.fresh + parts.read + parts.write5m + parts.write1h,
    reasoning: Math.min(parts.reasoning, parts.output),
    audioOut: Math.min(parts.audioOut, Math.max(0, parts.output - parts.reasoning)),
    audioIn: Math.min(parts.audioIn, parts.fresh),
  }))
const instants = fc.date({ min: new Date('2023-01-01T00:00:00Z'), max: new Date('2027-12-31T00:00:00Z'), noInvalidDate: true })

/** Nano-USD as the library counts them; null where it throws (it cannot price audio and cache reads together). */
function libraryNanoUsd(model: string, providerId: string, usage: Record<string, number | undefined>, timestamp: Date): number | null {
  try {
    return (calcPrice(usage, model, { providerId, timestamp })?.total_price ?? Number.NaN) * 1e9
  } catch {
    return null
  }
}

describe('compiled prices', () => {
  it('finds more than a thousand models to compare', () => {
    expect(MODELS.length).toBeGreaterThan(1000)
  })

  it('equals calcPrice to the nano-USD for any model, usage and time', () => {
    let compared = 0
    fc.assert(
      fc.property(fc.constantFrom(...MODELS), usages, fc.boolean(), instants, ({ providerId, model }, parts, hasAudio, timestamp) => {
        const found = calcPrice({}, model, { providerId, timestamp })
        const price = found && compileModel(found.model)(timestamp.getTime())
        const audio = hasAudio ? { input_audio_tokens: parts.audioIn, output_audio_tokens: parts.audioOut } : {}
        const expected = libraryNanoUsd(
          model,
          providerId,
          {
            input_tokens: parts.input,
            cache_read_tokens: parts.read,
            cache_write_tokens: parts.write5m + parts.write1h,
            cache_write_1h_tokens: parts.write1h,
            output_tokens: parts.output,
            output_reasoning_tokens: parts.reasoning,
            ...audio,
          },
          timestamp,
        )
        if (!price || expected === null) return
        compared++
        const actual = price.cost(
          sampleUsage({
            inputTokens: parts.input,
            cacheReadTokens: parts.read,
            cacheWriteTokens: parts.write5m + parts.write1h,
            cacheWrite1hTokens: parts.write1h,
            outputTokens: parts.output,
            reasoningTokens: parts.reasoning,
            ...(hasAudio ? { inputAudioTokens: parts.audioIn, outputAudioTokens: parts.audioOut } : {}),
          }),
        )
        // The library adds dollars in doubles: 1e-12 of the sum is theirs, half a nano-USD is rounding.
        expect(Math.abs(Math.round(actual) - expected)).toBeLessThanOrEqual(0.5 + expected * 1e-12)
      }),
      { numRuns: 3000 },
    )
    expect(compared).toBeGreaterThan(1500)
  })

  it('prices a tier by the whole input of one call', () => {
    const price = compilePrice({ input_mtok: { base: 1.25, tiers: [{ start: 200_000, price: 2.5 }] }, output_mtok: 10 })
    expect(price?.cost(sampleUsage({ inputTokens: 200_000, outputTokens: 0 }))).toBe(250_000_000)
    expect(price?.cost(sampleUsage({ inputTokens: 200_001, outputTokens: 0 }))).toBe(500_002_500)
  })

  it('is unknown, not free, for a model that is priced by the hour', () => {
    expect(compilePrice({ audio_hours: 0.36 })).toBeUndefined()
    expect(compilePrice({})).toBeUndefined()
  })

  it('charges no token twice when audio and cache reads must overlap', () => {
    const price = compilePrice({ input_mtok: 1, cache_read_mtok: 0.1, input_audio_mtok: 10, cache_audio_read_mtok: 0.5, output_mtok: 0 })
    const cost = price?.cost(sampleUsage({ inputTokens: 100, cacheReadTokens: 60, inputAudioTokens: 100, outputTokens: 0 }))
    expect(cost).toBe(60 * 500 + 40 * 10_000)
  })

  it('tells what cache reads saved', () => {
    const price = compilePrice({ input_mtok: 2.5, cache_read_mtok: 1.25, output_mtok: 10 })
    expect(price?.cacheSaved(sampleUsage({ inputTokens: 1000, cacheReadTokens: 400 }))).toBe(400 * 1250)
    expect(compilePrice({ input_mtok: 2.5, output_mtok: 10 })?.cacheSaved(sampleUsage({ cacheReadTokens: 100 }))).toBe(0)
  })
})
