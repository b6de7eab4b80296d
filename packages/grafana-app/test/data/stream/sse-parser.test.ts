import { describe, expect, test } from 'vitest'
import { SseParser } from '../../../src/data/stream/sse-parser.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const TEXT = 'retry: 2000\n\n: heartbeat\n\nevent: live\nid: 5-1\ndata: {"at":"é"}\n\ndata: one\ndata:two\n\n'
const EVENTS = [
  { event: 'live', id: '5-1', data: '{"at":"é"}' },
  { event: 'message', data: 'one\ntwo' },
]

describe('SseParser', () => {
  test('events with name, id and lines of data; no comments, no other fields', () => {
    expect(new SseParser().push(bytes(TEXT))).toEqual(EVENTS)
  })

  test('whatever the chunks are, also in the middle of a character', () => {
    const whole = bytes(TEXT)
    for (const size of [1, 2, 3, 7]) {
      const parser = new SseParser()
      const events = []
      for (let at = 0; at < whole.length; at += size) events.push(...parser.push(whole.subarray(at, at + size)))
      expect(events).toEqual(EVENTS)
    }
  })

  test('an event that does not end is refused', () => {
    const parser = new SseParser()
    const chunk = bytes(`data: ${'x'.repeat(200_000)}`)
    expect(() => {
      for (let count = 0; count < 10; count++) parser.push(chunk)
    }).toThrow('longer than can be')
  })
})
