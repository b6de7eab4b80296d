/** A price list of `@pydantic/genai-prices` made into a function of usage, because its own `calcPrice` takes about 95 µs a call. */
import type { Usage } from '@aiwatch/store'
import type { ModelPrice } from '@pydantic/genai-prices'

/** What tokens cost, in nano-USD; not rounded. */
export interface TokenPrice {
  /** Cost of the usage of one call. */
  cost(usage: Usage): number
  /** What reading from the prompt cache saved against fresh input. */
  cacheSaved(usage: Usage): number
}

/** A price per token in nano-USD, which may depend on the size of the whole input. */
type Rate = (inputTokens: number) => number

/** Dollars per million tokens → nano-USD per token. Twelve digits are more than any price has, and drop what doubles add to 0.28 × 1000. */
function toNanoUsdPerToken(usdPerMillion: number): number {
  return Number((usdPerMillion * 1000).toPrecision(12))
}

function compileRate(price: ModelPrice[string]): Rate | undefined {
  if (price === undefined) return undefined
  if (typeof price === 'number') {
    const rate = toNanoUsdPerToken(price)
    return () => rate
  }
  // Tiers are for the whole call: past a start, every token costs the tier's price.
  const base = toNanoUsdPerToken(price.base)
  const tiers = [...price.tiers]
    .sort((a, b) => b.start - a.start)
    .map((tier) => ({ start: tier.start, rate: toNanoUsdPerToken(tier.price) }))
  return (inputTokens) => {
    for (const tier of tiers) if (inputTokens > tier.start) return tier.rate
    return base
  }
}

interface Rates {
  input: Rate
  cacheRead: Rate | undefined
  cacheWrite: Rate | undefined
  cacheWrite1h: Rate | undefined
  inputAudio: Rate | undefined
  cacheAudioRead: Rate | undefined
  inputImage: Rate | undefined
  cacheImageRead: Rate | undefined
  output: Rate
  reasoning: Rate | undefined
  outputAudio: Rate | undefined
  outputImage: Rate | undefined
}

const FREE: Rate = () => 0

function compileRates(prices: ModelPrice): Rates {
  return {
    input: compileRate(prices['input_mtok']) ?? FREE,
    cacheRead: compileRate(prices['cache_read_mtok']),
    cacheWrite: compileRate(prices['cache_write_mtok']),
    cacheWrite1h: compileRate(prices['cache_write_1h_mtok']),
    inputAudio: compileRate(prices['input_audio_mtok']),
    cacheAudioRead: compileRate(prices['cache_audio_read_mtok']),
    inputImage: compileRate(prices['input_image_mtok']),
    cacheImageRead: compileRate(prices['cache_image_read_mtok']),
    output: compileRate(prices['output_mtok']) ?? FREE,
    reasoning: compileRate(prices['output_reasoning_mtok']),
    outputAudio: compileRate(prices['output_audio_mtok']),
    outputImage: compileRate(prices['output_image_mtok']),
  }
}

/** Cost of a part at its own rate; without one it stays in the whole and is paid there. */
function take(rate: Rate | undefined, tokens: number | undefined, inputTokens: number): { tokens: number; cost: number } {
  if (!rate || !tokens) return { tokens: 0, cost: 0 }
  return { tokens, cost: tokens * rate(inputTokens) }
}

function inputCost(rates: Rates, usage: Usage): number {
  const size = usage.inputTokens
  const write1h = take(rates.cacheWrite1h, usage.cacheWrite1hTokens, size)
  const write = take(rates.cacheWrite, usage.cacheWriteTokens - write1h.tokens, size)
  let read = rates.cacheRead ? usage.cacheReadTokens : 0
  let audio = rates.inputAudio ? (usage.inputAudioTokens ?? 0) : 0
  let image = rates.inputImage ? (usage.inputImageTokens ?? 0) : 0
  // Cache and modality are axes of their own. Nobody says how many audio tokens were cached; only as many as cannot be otherwise are taken to be.
  const overlap = Math.max(0, read + write.tokens + write1h.tokens + audio + image - size)
  const audioRead = Math.min(overlap, read, audio)
  const imageRead = Math.min(overlap - audioRead, read - audioRead, image)
  read -= audioRead + imageRead
  audio -= audioRead
  image -= imageRead
  const rest = Math.max(0, size - read - write.tokens - write1h.tokens - audio - image - audioRead - imageRead)
  return (
    rest * rates.input(size) +
    write.cost +
    write1h.cost +
    take(rates.cacheRead, read, size).cost +
    take(rates.inputAudio, audio, size).cost +
    take(rates.inputImage, image, size).cost +
    take(rates.cacheAudioRead ?? rates.cacheRead, audioRead, size).cost +
    take(rates.cacheImageRead ?? rates.cacheRead, imageRead, size).cost
  )
}

function outputCost(rates: Rates, usage: Usage): number {
  const size = usage.inputTokens
  const reasoning = take(rates.reasoning, usage.reasoningTokens, size)
  const audio = take(rates.outputAudio, usage.outputAudioTokens, size)
  const image = take(rates.outputImage, usage.outputImageTokens, size)
  const rest = Math.max(0, usage.outputTokens - reasoning.tokens - audio.tokens - image.tokens)
  return rest * rates.output(size) + reasoning.cost + audio.cost + image.cost
}

const TOKEN_PRICE = /_mtok$/

/**
 * The compiled price list; undefined when it has no price of tokens (speech by the hour, pages), since then nothing that we
 * count can be priced by it. Tool calls, searches and pages are not part of a call's usage and not priced.
 */
export function compilePrice(prices: ModelPrice): TokenPrice | undefined {
  if (!Object.entries(prices).some(([key, price]) => TOKEN_PRICE.test(key) && price !== undefined)) return undefined
  const rates = compileRates(prices)
  const perRequest = prices['requests_kcount']
  const requestCost = typeof perRequest === 'number' ? perRequest * 1e6 : 0
  const { cacheRead } = rates
  return {
    cost: (usage) => inputCost(rates, usage) + outputCost(rates, usage) + requestCost,
    cacheSaved: (usage) =>
      cacheRead ? Math.max(0, rates.input(usage.inputTokens) - cacheRead(usage.inputTokens)) * usage.cacheReadTokens : 0,
  }
}
