import { describe, expect, it } from 'vitest'
import { parseDuration, parseTime } from '../src/api/parse-time.ts'

const NOW = Date.parse('2026-01-31T12:00:00Z')

describe('parseTime', () => {
  it.each([
    ['2026-01-31T12:00:00Z', NOW],
    ['2026-01-31T13:00:00+01:00', NOW],
    ['2026-01-31T12:00:00.250Z', NOW + 250],
    ['2026-01-31', Date.parse('2026-01-31T00:00:00Z')],
    [NOW, NOW],
    [NOW / 1000, NOW],
    [String(NOW), NOW],
    [String(NOW / 1000), NOW],
    [0, 0],
    ['now', NOW],
    ['now-1h', NOW - 3_600_000],
    ['now-90s', NOW - 90_000],
  ])('reads %j', (value, expected) => {
    expect(parseTime(value, NOW)).toBe(expected)
  })

  it.each([
    '2026-01-31T12:00:00',
    '2026-13-31T12:00:00Z',
    'yesterday',
    '',
    'now-',
    'now-300',
    'now-1.5',
    'now--5',
    'now+1h',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e300,
    null,
    {},
    [],
    true,
  ])('does not take %j', (value) => {
    expect(parseTime(value, NOW)).toBeUndefined()
  })
})

describe('parseDuration', () => {
  it.each([
    [60_000, 60_000],
    ['60000', 60_000],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['250ms', 250],
    ['-5', -5],
  ])('reads %j', (value, expected) => expect(parseDuration(value)).toBe(expected))

  it.each(['5 minutes', '', 'm', null, {}])('does not take %j', (value) => expect(parseDuration(value)).toBeUndefined())
})
