/** Prices calls one by one. The table is 0.5 to 0.8 MB of code: it is loaded when a first call needs it, and calls wait for that. */
import type { Usage } from '@aiwatch/store'
import type { CapturedCall } from '../captured-call.ts'
import { AIWatchError } from '../errors.ts'
import type { ModelPriceOverride } from '../options.ts'
import { compilePrice } from './compile-price.ts'
import { compileModel, type PriceAt } from './price-at.ts'
import { libraryProviderId } from './provider-ids.ts'

/** Integer nano-USD. */
export interface CallPrice {
  /** null: the price of the model is not known. */
  costNanoUsd: number | null
  cacheSavedNanoUsd: number
  wastedNanoUsd: number
}

export type TakePriced = (call: CapturedCall, price: CallPrice) => void

type Library = Pick<typeof import('@pydantic/genai-prices'), 'calcPrice'>

export interface PricerSettings {
  overrides: Record<string, ModelPriceOverride>
  /** Calls that may wait for the table at a time; later ones go on unpriced. Default 10,000. */
  maxWaiting?: number
  onFailed(error: AIWatchError): void
  /** Default: imports `@pydantic/genai-prices`. */
  loadLibrary?(): Promise<Library>
}

/** Models whose price is kept compiled. Names come from outside, so there must be a bound; at the bound all are compiled anew. */
const MAX_COMPILED = 2000
/** Rough heap of a call that waits, in bytes. */
const WAITING_CALL_BYTES = 800

function compileOverride(price: ModelPriceOverride): PriceAt {
  const input = price.inputPerMillionUsd
  const compiled = compilePrice({
    input_mtok: input,
    output_mtok: price.outputPerMillionUsd,
    cache_read_mtok: price.cacheReadPerMillionUsd ?? input,
    cache_write_mtok: price.cacheWritePerMillionUsd ?? input,
  })
  return () => compiled
}

export class Pricer {
  private readonly settings: PricerSettings
  private readonly overrides = new Map<string, PriceAt>()
  /** provider → model → price; null: not known. */
  private readonly compiled = new Map<string, Map<string, PriceAt | null>>()
  private compiledCount = 0
  private library: Library | null | undefined
  private loading: Promise<void> | undefined
  private waiting: { call: CapturedCall; take: TakePriced }[] = []

  constructor(settings: PricerSettings) {
    this.settings = settings
    for (const [model, price] of Object.entries(settings.overrides)) this.overrides.set(model, compileOverride(price))
  }

  /** The table is there, or cannot be had: no call waits for it. */
  get isLoaded(): boolean {
    return this.library !== undefined
  }

  get waitingCalls(): number {
    return this.waiting.length
  }

  get waitingBytes(): number {
    return this.waiting.length * WAITING_CALL_BYTES
  }

  /** Hands the call and its price to `take`: at once, or when the table is there. Never throws, unless `take` does. */
  price(call: CapturedCall, take: TakePriced): void {
    const price = this.priceNow(call)
    if (price) {
      take(call, price)
      return
    }
    if (this.waiting.length < (this.settings.maxWaiting ?? 10_000)) this.waiting.push({ call, take })
    else take(call, priceCall(call, undefined))
    this.loading ??= this.load()
  }

  /** Resolves when no call waits any more. */
  async settled(): Promise<void> {
    await this.loading
  }

  /** Lets the calls that wait go on unpriced: for the end of a process, when there is no time left. */
  release(): void {
    const waiting = this.waiting
    this.waiting = []
    for (const { call, take } of waiting) take(call, this.priceNow(call) ?? priceCall(call, undefined))
  }

  private priceNow(call: CapturedCall): CallPrice | undefined {
    const priceAt = this.find(call)
    return priceAt === undefined ? undefined : priceCall(call, priceAt?.(call.startedAt))
  }

  /** null: not known; undefined: the table is not there yet. What was answered goes before what was asked, overrides before the table. */
  private find(call: CapturedCall): PriceAt | null | undefined {
    const { provider, model, requestModel } = call
    const override = this.overrides.size === 0 ? undefined : (this.override(provider, model) ?? this.override(provider, requestModel))
    if (override) return override
    if (this.library === undefined) return undefined
    return this.listed(provider, model) ?? (requestModel === model ? null : this.listed(provider, requestModel))
  }

  private override(provider: string, model: string): PriceAt | undefined {
    return this.overrides.get(`${provider}/${model}`) ?? this.overrides.get(model)
  }

  private listed(provider: string, model: string): PriceAt | null {
    let byModel = this.compiled.get(provider)
    const known = byModel?.get(model)
    if (known !== undefined) return known
    if (this.compiledCount >= MAX_COMPILED) {
      this.compiled.clear()
      this.compiledCount = 0
      byModel = undefined
    }
    if (!byModel) {
      byModel = new Map()
      this.compiled.set(provider, byModel)
    }
    const price = this.lookUp(provider, model)
    byModel.set(model, price)
    this.compiledCount++
    return price
  }

  private lookUp(provider: string, model: string): PriceAt | null {
    try {
      const providerId = libraryProviderId(provider, model)
      const result = providerId === undefined ? null : this.library?.calcPrice({}, model, { providerId })
      return result ? compileModel(result.model) : null
    } catch {
      // The library throws on price lists that it finds incomplete: such a price is not known.
      return null
    }
  }

  private async load(): Promise<void> {
    try {
      this.library = await (this.settings.loadLibrary?.() ?? import('@pydantic/genai-prices'))
    } catch (error) {
      this.library = null
      this.settings.onFailed(new AIWatchError('prices', 'the price table could not be loaded; calls count as unpriced', { cause: error }))
    }
    this.release()
  }
}

function priceCall(call: CapturedCall, price: ReturnType<PriceAt>): CallPrice {
  const { usage, wastedUsage, measuredCostNanoUsd } = call
  const computed = price ? (hasNoUsage(usage) ? 0 : Math.round(price.cost(usage))) : null
  return {
    costNanoUsd: measuredCostNanoUsd === undefined ? computed : Math.round(measuredCostNanoUsd),
    cacheSavedNanoUsd: price ? Math.round(price.cacheSaved(usage)) : 0,
    wastedNanoUsd: price && wastedUsage ? Math.round(price.cost(wastedUsage)) : 0,
  }
}

/** Only error replies arrived: not even a price per request is due. */
function hasNoUsage(usage: Usage): boolean {
  return usage.source === 'none'
}
