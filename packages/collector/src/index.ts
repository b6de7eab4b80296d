/**
 * The collector: reads what the SDK wrote to Redis and answers over HTTP. It never writes calls.
 */
export type { Analytics } from './analytics/read-analytics.ts'
export { type CollectorConfig, type CollectorOptions, ConfigError, readConfig } from './config.ts'
export { type Collector, startCollector } from './server.ts'
