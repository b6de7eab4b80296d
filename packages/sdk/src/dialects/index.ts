/**
 * How model providers' wires are read: requests, replies and streams in, counts and outcomes out.
 * Nothing here does I/O, keeps text, or knows how a call was seen.
 */
export * from './classify-error.ts'
export type { Dialect, Glance, StreamDialect } from './dialect.ts'
export * from './providers.ts'
export { readCostHeader } from './read-measurements.ts'
export * from './read-reply.ts'
export * from './read-request.ts'
export * from './reading.ts'
export * from './recognise.ts'
export { SseScanner, type SseScannerOptions } from './sse-scanner.ts'
