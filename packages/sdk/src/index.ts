/** `@aiwatch/sdk`: counts what a program asks of language models. */
export type { Operation, Outcome, Usage, UsageSource } from '@aiwatch/store'
export { AIWatch, type AIWatchStats } from './aiwatch.ts'
export type { Attribution, CallInput, MeasuredCall, RecordInput, UsageInput, WrapOptions } from './capture/create-capture.ts'
export { AIWatchError, type AIWatchErrorCode, AIWatchFlushError, AIWatchOptionError, type HeldReport } from './errors.ts'
export type { AIWatchOptions, ClusterNode, ModelPriceOverride } from './options.ts'
