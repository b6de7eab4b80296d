import type { RedisState } from '../redis/check-redis.ts'
import type { Family } from './family.ts'

/** `reason`: why Redis cannot be used; it labels the gauge, so that whoever sees the 0 sees why. */
export function redisUpFamily({ check }: RedisState): Family {
  const up = check.status === 'up'
  return {
    name: 'token_analytics_redis_up',
    help: 'Whether Redis answers: 1 or 0.',
    type: 'gauge',
    values: [{ labels: up ? {} : { reason: check.error ?? 'unknown' }, value: up ? 1 : 0 }],
  }
}

/** Gauges of the Redis server; none while it is away. */
export function redisFamilies({ info, check }: RedisState): Family[] {
  if (!info) return []
  const gauge = (name: string, help: string, value: number): Family => ({ name, help, type: 'gauge', values: [{ value }] })
  return [
    gauge('token_analytics_redis_memory_used_bytes', 'Memory that Redis uses.', info.usedMemoryBytes),
    gauge('token_analytics_redis_memory_peak_bytes', 'Most memory that Redis has used since it started.', info.peakMemoryBytes),
    gauge('token_analytics_redis_memory_max_bytes', 'Memory limit of Redis; 0 means none.', info.maxMemoryBytes),
    // Managed servers do not all say it.
    ...(info.systemMemoryBytes > 0
      ? [gauge('token_analytics_redis_memory_system_bytes', 'Memory of the machine that Redis runs on.', info.systemMemoryBytes)]
      : []),
    gauge('token_analytics_redis_memory_fragmentation_ratio', 'Memory taken from the system over memory used.', info.fragmentationRatio),
    gauge('token_analytics_redis_connected_clients', 'Connections to Redis.', info.connectedClients),
    gauge('token_analytics_redis_evicted_keys', 'Keys that Redis evicted since it started; any but 0 means lost data.', info.evictedKeys),
    gauge('token_analytics_redis_uptime_seconds', 'Time since Redis started.', info.uptimeSeconds),
    gauge('token_analytics_redis_ping_seconds', 'Time of one PING.', (check.latency_ms ?? 0) / 1000),
  ]
}
