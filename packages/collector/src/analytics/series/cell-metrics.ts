/** What is known about the metrics of cells beside the catalogue: which have sketches, and which are estimated in part. */
import { CODE, codesOf, METRICS, type Metric, type SketchKind } from '@aiwatch/store'

/** Metrics that are also kept as sketches, from which their percentiles come. The last is kept in no other form. */
const SKETCHES: ReadonlyMap<string, SketchKind> = new Map([
  ['duration_ms', 'latency'],
  ['first_token_ms', 'first_token'],
  ['per_output_token_ms', 'per_output_token'],
])

/** Has percentiles and nothing else: a sum of times per token means nothing. */
export const SKETCH_ONLY = 'per_output_token_ms'
export const SKETCH_UNIT = 'ms'

export const METRIC_NAMES: readonly string[] = [...METRICS.map(({ name }) => name), SKETCH_ONLY]

export function findMetric(name: string): Metric | undefined {
  return (METRICS as readonly Metric[]).find((metric) => metric.name === name)
}

export function sketchOf(metric: string): SketchKind | undefined {
  return SKETCHES.get(metric)
}

const ESTIMATED_BY_DIRECTION: Record<string, number> = { input: CODE.estimatedInputTokens, output: CODE.estimatedOutputTokens }
const ESTIMATED = Object.values(ESTIMATED_BY_DIRECTION)

/**
 * Codes that say by a value above 0 that a metric is estimated in part: tokens that no provider reported, and money made of them.
 * Empty: it is measured. Undefined: nobody can tell. `splits` are those asked for of a metric that has them.
 */
export function estimateCodes(metric: string, splits: readonly string[]): readonly number[] | undefined {
  if (metric === 'tokens') return splits.flatMap((split) => ESTIMATED_BY_DIRECTION[split] ?? [])
  if (metric === 'cost_nano_usd') return ESTIMATED
  if (metric.startsWith('estimated_')) return codesOf(metric)
  return metric.startsWith('wasted_') && metric !== 'wasted_attempts' ? undefined : []
}
