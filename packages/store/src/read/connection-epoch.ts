import type { RedisClient } from '../redis-client.ts'

const epochs = new WeakMap<object, { epoch: number }>()

/** How often this connection was lost so far: the server that answers next may have lost data that it had shown. */
export function connectionEpoch(redis: RedisClient): number {
  let entry = epochs.get(redis)
  if (!entry) {
    const created = { epoch: 0 }
    // One listener per connection, however many readers it has.
    redis.on('close', () => created.epoch++)
    epochs.set(redis, created)
    entry = created
  }
  return entry.epoch
}
