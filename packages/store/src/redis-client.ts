import type { Cluster, Redis } from 'ioredis'

/** Connection to a single Redis, or to a cluster. */
export type RedisClient = Redis | Cluster
