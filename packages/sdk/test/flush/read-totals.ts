/** What a Redis holds of the default tenant. */
import { CODE, openReader, type StoreReader } from '@aiwatch/store'
import { Redis } from 'ioredis'

export async function readStore<T>(url: string, read: (reader: StoreReader) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { lazyConnect: true })
  try {
    await redis.connect()
    return await read(openReader(redis, { tenant: 'default' }))
  } finally {
    redis.disconnect()
  }
}

/** Calls of all outcomes in the lifetime totals, and in the newest hours and ten-second buckets. */
export async function readCalls(url: string): Promise<{ totals: number; hours: number; tens: number }> {
  return readStore(url, async (reader) => {
    const now = Math.floor(Date.now() / 1000)
    const count = (cells: Map<string, Map<number, number>>) => {
      let calls = 0
      for (const sums of cells.values()) for (const [code, value] of sums) if (code < CODE.inputTokens) calls += value
      return calls
    }
    const total = (buckets: { cells: Map<string, Map<number, number>> }[]) => buckets.reduce((sum, bucket) => sum + count(bucket.cells), 0)
    return {
      totals: count(await reader.totals()),
      hours: total(await reader.buckets('1h', now - 7200, now + 3600)),
      tens: total(await reader.buckets('10s', now - 3600, now + 10)),
    }
  })
}
