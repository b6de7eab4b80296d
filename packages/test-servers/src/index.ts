/** Real servers for tests and benchmarks. Nothing here knows what is stored in them. */
export * from './find-redis-binary.ts'
export * from './free-port.ts'
export * from './redis-kinds.ts'
export * from './start-redis.ts'
export * from './start-redis-cluster.ts'
export * from './start-tcp-proxy.ts'
