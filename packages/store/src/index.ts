/**
 * The Redis data model of AIWatch: nouns, keys, the one write path (`apply`), and the reads.
 * It is the only code that knows Redis keys, commands and scripts; it knows nothing of HTTP, providers or prices.
 */
export * from './batch.ts'
export * from './call.ts'
export * from './identity.ts'
export * from './keys.ts'
export * from './labels.ts'
export * from './read/store-reader.ts'
export * from './series-catalogue.ts'
export * from './sketch/ddsketch.ts'
