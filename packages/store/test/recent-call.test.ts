import { type Call, decodeRecentCall, encodeRecentCall, OUTCOMES, type UsageSource } from '@aiwatch/store'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CELL, recentCall } from './apply/batches.ts'

const cells = new Map([[CELL.id, CELL]])
const count = fc.nat({ max: 2 ** 40 })
const milliseconds = fc.nat({ max: 10_000_000 }).map((value) => value / 1000)
const sources: UsageSource[] = ['reported', 'requested', 'estimated', 'partial', 'none']

const usage = fc.record(
  {
    inputTokens: count,
    cacheReadTokens: count,
    cacheWriteTokens: count,
    cacheWrite1hTokens: count,
    outputTokens: count,
    reasoningTokens: count,
    inputAudioTokens: count,
    inputImageTokens: count,
    outputAudioTokens: count,
    outputImageTokens: count,
    source: fc.constantFrom(...sources),
  },
  { requiredKeys: ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens', 'reasoningTokens', 'source'] },
)
const anyCall: fc.Arbitrary<Call> = fc.record(
  {
    id: fc.oneof(fc.uuid(), fc.string()),
    startedAt: count,
    app: fc.string({ maxLength: 20 }),
    provider: fc.string({ maxLength: 20 }),
    model: fc.string({ maxLength: 20 }),
    requestModel: fc.string({ maxLength: 20 }),
    operation: fc.constantFrom('chat', 'embeddings', 'own-thing'),
    stream: fc.boolean(),
    user: fc.string({ maxLength: 20 }),
    session: fc.string({ maxLength: 20 }),
    tags: fc.dictionary(
      fc.string({ maxLength: 8 }).filter((key) => key !== '__proto__'),
      fc.string({ maxLength: 8 }),
      { noNullPrototype: true },
    ),
    usage,
    costNanoUsd: fc.option(count),
    cacheSavedNanoUsd: count,
    durationMs: milliseconds,
    timeToFirstTokenMs: milliseconds,
    timePerOutputTokenMs: milliseconds,
    outcome: fc.constantFrom(...OUTCOMES),
    attempts: fc.integer({ min: 1, max: 9 }),
    wastedTokens: count,
    wastedNanoUsd: count,
    queueMs: milliseconds,
    prefillMs: milliseconds,
    decodeMs: milliseconds,
    httpStatus: fc.integer({ min: 100, max: 599 }),
  },
  {
    requiredKeys: [
      'id',
      'startedAt',
      'app',
      'provider',
      'model',
      'requestModel',
      'operation',
      'stream',
      'tags',
      'usage',
      'costNanoUsd',
      'cacheSavedNanoUsd',
      'durationMs',
      'outcome',
      'attempts',
      'wastedTokens',
      'wastedNanoUsd',
    ],
  },
)

describe('a recent call', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(anyCall, (call) => {
        expect(decodeRecentCall(encodeRecentCall(call), new Map())).toEqual(call)
        const { app, provider, model } = call
        expect(decodeRecentCall(Buffer.from(encodeRecentCall(call, 'cell-id')), new Map([['cell-id', { app, provider, model }]]))).toEqual(
          call,
        )
      }),
    )
  })

  test('takes about 150 bytes', () => {
    const call = { ...recentCall(1_800_000_000_123), id: 'AbCdEfGhIjKlMnOp', httpStatus: 200, session: 'f3b0c442-98fc' }
    expect(encodeRecentCall(call, CELL.id).length).toBeLessThan(150)
  })

  test('of a cell that is not known is of other', () => {
    expect(decodeRecentCall(encodeRecentCall(recentCall(1000), 'unknown0'), cells)).toMatchObject({
      app: 'other',
      provider: 'other',
      model: 'other',
    })
  })

  test('with more text than can be kept loses its tags', () => {
    const call = { ...recentCall(1000), tags: { note: 'x'.repeat(5000) } }
    expect(decodeRecentCall(encodeRecentCall(call, CELL.id), cells)).toEqual({ ...call, tags: {} })
  })

  test('of a later version is read as far as it is known', () => {
    const entries = JSON.parse(encodeRecentCall(recentCall(1000), CELL.id))
    entries[0] = 2
    for (let i = entries.length; i < 40; i++) entries[i] = null
    entries.push({ more: 1 }, 'new')
    expect(decodeRecentCall(JSON.stringify(entries), cells)).toEqual(recentCall(1000))
  })

  test('that is no call throws a RangeError', () => {
    for (const text of ['', '{', '{}', '[]', '[1]', '[1,"id"]', '[1,"id",5,7]', '[1,"id",5,["a"]]', '3', 'null']) {
      expect(() => decodeRecentCall(text, cells), text).toThrow(RangeError)
    }
  })
})
