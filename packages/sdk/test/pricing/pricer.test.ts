import { calcPrice } from '@pydantic/genai-prices'
import { describe, expect, it } from 'vitest'
import type { CapturedCall } from '../../src/captured-call.ts'
import type { AIWatchError } from '../../src/errors.ts'
import { type CallPrice, Pricer, type PricerSettings } from '../../src/pricing/pricer.ts'
import { sampleCapturedCall, sampleUsage } from '../sample-call.ts'

const UNKNOWN = { costNanoUsd: null, cacheSavedNanoUsd: 0, wastedNanoUsd: 0 }

async function priceOf(call: Partial<CapturedCall>, settings: Partial<PricerSettings> = {}): Promise<CallPrice> {
  const pricer = new Pricer({ overrides: {}, onFailed: () => {}, ...settings })
  const prices: CallPrice[] = []
  pricer.price(sampleCapturedCall(call), (_, price) => prices.push(price))
  await pricer.settled()
  expect(prices).toHaveLength(1)
  return prices[0] as CallPrice
}

describe('Pricer', () => {
  it('prices a known model from the table', async () => {
    const price = await priceOf({ model: 'gpt-4o', usage: sampleUsage({ inputTokens: 1000, cacheReadTokens: 400, outputTokens: 100 }) })
    expect(price).toEqual({ costNanoUsd: 600 * 2500 + 400 * 1250 + 100 * 10_000, cacheSavedNanoUsd: 400 * 1250, wastedNanoUsd: 0 })
  })

  it.each([
    ['azure.ai.openai', 'gpt-4o-2024-08-06'],
    ['aws.bedrock', 'anthropic.claude-3-5-sonnet-20240620-v1:0'],
    ['gcp.gemini', 'gemini-2.5-pro'],
    ['gcp.vertex_ai', 'gemini-2.5-pro'],
    ['mistral_ai', 'mistral-large-latest'],
    ['x_ai', 'grok-4'],
    ['moonshot_ai', 'kimi-k2-0905-preview'],
    ['groq', 'llama-3.3-70b-versatile'],
    ['openrouter', 'openai/gpt-4o'],
    ['openai_compatible', 'gpt-4o-mini'],
    ['anthropic', 'claude-haiku-4-5-20251001'],
    ['anthropic_compatible', 'claude-haiku-4-5'],
  ])('knows %s %s', async (provider, model) => {
    expect((await priceOf({ provider, model })).costNanoUsd).toBeGreaterThan(0)
  })

  it.each([
    ['openai', 'a-model-that-nobody-sells'],
    ['in-house', 'gpt-4o'],
    ['ollama', 'deepseek-r1'],
    ['openai_compatible', 'gpt-oss-20b'],
    ['anthropic_compatible', 'smollm2'],
    ['openai', 'whisper-1'],
    ['', ''],
  ])('says that %s %s has no known price', async (provider, model) => {
    expect(await priceOf({ provider, model })).toEqual(UNKNOWN)
  })

  it('prices what Anthropic keeps for five minutes and for an hour each at its own rate', async () => {
    const usage = sampleUsage({
      inputTokens: 1000,
      cacheReadTokens: 400,
      cacheWriteTokens: 300,
      cacheWrite1hTokens: 100,
      outputTokens: 50,
    })
    const price = await priceOf({ provider: 'anthropic', model: 'claude-haiku-4-5-20251001', usage })
    expect(price.costNanoUsd).toBe(300 * 1000 + 400 * 100 + 200 * 1250 + 100 * 2000 + 50 * 5000)
    expect(price.cacheSavedNanoUsd).toBe(400 * 900)
  })

  it('falls back on the model as asked where the answer named an unknown one', async () => {
    const price = await priceOf({ model: 'deployment-7', requestModel: 'gpt-4o' })
    expect(price.costNanoUsd).toBe(100 * 2500 + 20 * 10_000)
  })

  it('takes an override before the table, by provider and model first', async () => {
    const overrides = {
      'gpt-4o': { inputPerMillionUsd: 1, outputPerMillionUsd: 2 },
      'openai/gpt-4o': { inputPerMillionUsd: 3, outputPerMillionUsd: 4, cacheReadPerMillionUsd: 1 },
    }
    const usage = sampleUsage({ inputTokens: 10, cacheReadTokens: 4, outputTokens: 5 })
    expect((await priceOf({ usage }, { overrides })).costNanoUsd).toBe(6 * 3000 + 4 * 1000 + 5 * 4000)
    expect((await priceOf({ usage, provider: 'gateway' }, { overrides })).costNanoUsd).toBe(10 * 1000 + 5 * 2000)
  })

  it('prices an overridden model at 0 without loading the table', async () => {
    const overrides = { llama: { inputPerMillionUsd: 0, outputPerMillionUsd: 0 } }
    const loadLibrary = () => Promise.reject(new Error('must not be loaded'))
    expect((await priceOf({ provider: 'ollama', model: 'llama' }, { overrides, loadLibrary })).costNanoUsd).toBe(0)
  })

  it('takes a measured cost before any price', async () => {
    expect((await priceOf({ measuredCostNanoUsd: 1234.4 })).costNanoUsd).toBe(1234)
    expect((await priceOf({ model: 'unknown', measuredCostNanoUsd: 7 })).costNanoUsd).toBe(7)
  })

  it('prices wasted attempts apart, and a call that got only errors at 0', async () => {
    const usage = sampleUsage({ inputTokens: 0, outputTokens: 0, source: 'none' })
    expect(await priceOf({ usage, wastedUsage: sampleUsage() })).toEqual({ costNanoUsd: 0, cacheSavedNanoUsd: 0, wastedNanoUsd: 450_000 })
  })

  it('lets calls wait for the table in order, and the ones beyond the bound go unpriced', async () => {
    const pricer = new Pricer({ overrides: {}, onFailed: () => {}, maxWaiting: 2 })
    const prices: [string, number | null][] = []
    for (const id of ['a', 'b', 'c'])
      pricer.price(sampleCapturedCall({ id }), (call, { costNanoUsd }) => prices.push([call.id, costNanoUsd]))
    expect(pricer.waitingCalls).toBe(2)
    expect(pricer.waitingBytes).toBeGreaterThan(0)
    await pricer.settled()
    expect(prices).toEqual([
      ['c', null],
      ['a', 450_000],
      ['b', 450_000],
    ])
    expect(pricer.waitingCalls).toBe(0)
  })

  it('counts calls as unpriced and says so once when the table cannot be loaded', async () => {
    const errors: AIWatchError[] = []
    const pricer = new Pricer({
      overrides: {},
      onFailed: (error) => errors.push(error),
      loadLibrary: () => Promise.reject(new Error('gone')),
    })
    const prices: CallPrice[] = []
    for (let i = 0; i < 3; i++) pricer.price(sampleCapturedCall(), (_, price) => prices.push(price))
    await pricer.settled()
    pricer.price(sampleCapturedCall(), (_, price) => prices.push(price))
    expect(prices).toEqual([UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN])
    expect(errors.map((error) => error.code)).toEqual(['prices'])
  })

  it('asks the library once per model', async () => {
    let asked = 0
    const loadLibrary = async () => ({
      calcPrice: (...parameters: Parameters<typeof calcPrice>) => {
        asked++
        return calcPrice(...parameters)
      },
    })
    const pricer = new Pricer({ overrides: {}, onFailed: () => {}, loadLibrary })
    pricer.price(sampleCapturedCall(), () => {})
    await pricer.settled()
    for (let i = 0; i < 100; i++) pricer.price(sampleCapturedCall(), () => {})
    for (let i = 0; i < 100; i++) pricer.price(sampleCapturedCall({ model: 'unknown', requestModel: 'unknown' }), () => {})
    expect(asked).toBe(2)
  })
})
