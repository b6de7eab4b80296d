import { describe, expect, it } from 'vitest'
import { Answer, AnswerCache } from '../../src/api/v1/answer-cache.ts'
import { BoundedMap } from '../../src/tenants/bounded-map.ts'

describe('AnswerCache', () => {
  const counting = () => {
    let count = 0
    return async () => Answer.of({ count: ++count })
  }
  const textOf = async (cache: AnswerCache, name: string, compute: () => Promise<Answer>) =>
    (await cache.get(name, compute)).body.toString()

  it('shares an answer while it is computed and for the time after it', async () => {
    let nowMs = 0
    const cache = new AnswerCache(1000, () => nowMs)
    const compute = counting()
    const together = await Promise.all(Array.from({ length: 20 }, () => textOf(cache, 'a', compute)))
    expect(new Set(together)).toEqual(new Set(['{"count":1}']))
    nowMs = 999
    expect(await textOf(cache, 'a', compute)).toBe('{"count":1}')
    expect(await textOf(cache, 'b', compute)).toBe('{"count":2}')
    nowMs = 1000
    expect(await textOf(cache, 'a', compute)).toBe('{"count":3}')
  })

  it('keeps no error, and with a time of 0 nothing', async () => {
    const cache = new AnswerCache(0, () => 0)
    await expect(cache.get('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
    const compute = counting()
    expect(await textOf(cache, 'a', compute)).toBe('{"count":1}')
    expect(await textOf(cache, 'a', compute)).toBe('{"count":2}')
  })

  it('gives equal answers equal tags, and compresses once', async () => {
    const cache = new AnswerCache(1000, () => 0)
    const [a, b] = await Promise.all([
      cache.get('a', async () => Answer.of('x'.repeat(2000))),
      cache.get('b', async () => Answer.of('x'.repeat(2000))),
    ])
    expect(a.etag).toBe(b.etag)
    expect(a.encoded('br')).toBe(a.encoded('br'))
    expect((await a.encoded('gzip')).length).toBeLessThan(a.body.length)
  })
})

it('BoundedMap lets go of what was not asked for the longest, and makes it anew', () => {
  let made = 0
  const map = new BoundedMap(2, (key) => `${key}${++made}`)
  expect([map.get('a'), map.get('b'), map.get('a'), map.get('c')]).toEqual(['a1', 'b2', 'a1', 'c3'])
  expect(map.size).toBe(2)
  expect([map.get('a'), map.get('b')]).toEqual(['a1', 'b4'])
})
