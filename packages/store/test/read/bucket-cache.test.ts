import { describe, expect, test } from 'vitest'
import { BucketCache } from '../../src/read/bucket-cache.ts'

const entry = (bytes: number) => ({ value: bytes, trip: 1, bytes })

describe('BucketCache', () => {
  test('stays within its bound and drops what was used longest ago', () => {
    const cache = new BucketCache(5000)
    for (let i = 0; i < 3; i++) cache.put(`1m:${i}`, '', entry(1000))
    expect(cache.get('1m:0', '')).toMatchObject({ value: 1000 })
    cache.put('1m:3', '', entry(1000))
    expect(['1m:0', '1m:1', '1m:2', '1m:3'].map((member) => cache.get(member, '') !== undefined)).toEqual([true, false, true, true])
    expect(cache.bytes).toBeLessThanOrEqual(5000)
  })

  test('does not keep what is larger than all of it', () => {
    const cache = new BucketCache(1000)
    cache.put('1m:0', '', entry(2000))
    expect(cache.get('1m:0', '')).toBeUndefined()
    expect(cache.bytes).toBe(0)
  })

  test('forgets all parts of a bucket together, and accounts for them', () => {
    const cache = new BucketCache(1e6)
    cache.put('k1m:0', 'l:all', entry(100))
    const one = cache.bytes
    cache.put('k1m:0', 'f:all', entry(100))
    cache.put('k1m:0', 'f:all', entry(100))
    cache.put('k1m:60', 'l:all', entry(100))
    cache.forget('k1m:0')
    expect(cache.get('k1m:0', 'f:all')).toBeUndefined()
    expect(cache.bytes).toBe(one)
    cache.clear()
    expect(cache.bytes).toBe(0)
  })
})
