import { describe, expect, it } from 'vitest'
import { displayWidth, fitColumns } from '../src/cli/display-width.ts'
import { formatAge, formatCost, formatCount, formatSeconds, formatShare } from '../src/cli/format-figures.ts'
import type { Picture } from '../src/cli/read-picture.ts'
import { renderTop } from '../src/cli/render-top.ts'

const model = (name: string, extra: Partial<Picture['models'][number]> = {}): Picture['models'][number] => ({
  model: name,
  calls_24h: 123_456,
  input_tokens_24h: 987_654_321,
  output_tokens_24h: 12_345,
  cost_usd_24h: 1234.5,
  unpriced_calls_24h: 0,
  calls_per_second: 12.34,
  error_rate: 0.012,
  response_time_p50: 0.82,
  response_time_p95: 12.3,
  response_time_p99: 312,
  first_token_p50: 0.21,
  prefill_seconds_24h: 45.6,
  decode_seconds_24h: 1234,
  ...extra,
})

const user = (name: string): Picture['top_users'][number] => ({
  user_id: name,
  tokens_24h: 1_234_567,
  total_input_tokens: 9_999_999,
  total_output_tokens: 999,
  total_sessions: 42,
  last_seen: '2026-01-31T11:59:18.000Z',
})

const picture = (extra: Partial<Picture> = {}): Picture => ({
  active_users_5m: 12,
  active_users_1h: 345,
  active_users_24h: 6789,
  active_sessions: 7,
  token_rates: { input_per_minute: 1_234_567, output_per_minute: 45_678 },
  calls_per_second: 12.3,
  requests_5m: 3690,
  response_time_p50: 0.5,
  response_time_p95: 2,
  response_time_p99: 9.99,
  error_rate: 0.004,
  cost_usd_24h: 12.34,
  unpriced_calls_24h: 0,
  models: [model('gpt-4o-mini'), model('claude-sonnet')],
  top_users: [user('ada'), user('grace')],
  error_patterns: [{ error_type: 'rate_limit', model: 'gpt-4o-mini', count: 17, last_seen: '2026-01-31T11:58:00.000Z' }],
  timestamp: '2026-01-31T12:00:00.000Z',
  ...extra,
})

const options = { columns: 80, color: false, source: 'http://127.0.0.1:8081' }
const lines = (text: string) => text.split('\n')

describe('renderTop', () => {
  it('shows rates, users, models with percentiles, top users and errors', () => {
    const text = renderTop(picture(), options)
    expect(text).toContain('calls 12.3/s')
    expect(text).toContain('users 5m 12, 1h 345, 24h 6.8k   sessions 7')
    expect(text).toContain('p50 500ms  p95 2.00s  p99 9.99s   errors 0.4%')
    expect(text).toMatch(/gpt-4o-mini +123k +988M 12\.3k +\$1\.2k +12\.3 820ms 12\.3s +312s +1\.2%/)
    expect(text).toMatch(/ada +1\.2M +10\.0M +999 +42 +42s/)
    expect(text).toMatch(/rate_limit {2}gpt-4o-mini +17 +2m/)
  })

  it.each([
    ['ascii', 'a-very-long-model-name-'.repeat(8)],
    ['wide', '模型名称很长的时候也要放得下'.repeat(6)],
    ['emoji', '👩‍👩‍👧‍👦🇩🇪👍🏽✈️'.repeat(20)],
    ['combining', 'e\u0301\u0323'.repeat(100)],
    ['control', '\u001b[31mred\r\n\u0007\u202e\t'.repeat(20)],
  ])('fits 80 columns with long %s names', (_case, name) => {
    const text = renderTop(
      picture({
        models: [model(name), model('b')],
        top_users: [user(name)],
        error_patterns: [{ error_type: 'unknown', model: name, count: 1, last_seen: '' }],
      }),
      { ...options, source: name },
    )
    for (const line of lines(text)) expect(displayWidth(line)).toBeLessThanOrEqual(80)
    expect([...text].filter((character) => character !== '\n' && (character < ' ' || character === '\u202e'))).toEqual([])
    // Figures stay in their columns behind a name of whatever characters.
    const rows = lines(text).filter((line) => line.includes('12.3k'))
    expect(rows).toHaveLength(2)
    for (const row of rows) expect(displayWidth(row)).toBe(80)
  })

  it.each([[10], [16], [24], [40]])('keeps within %d rows, with models first', (rows) => {
    const many = picture({
      models: Array.from({ length: 50 }, (_, index) => model(`model-${index}`)),
      top_users: Array.from({ length: 10 }, (_, index) => user(`user-${index}`)),
    })
    const text = renderTop(many, { ...options, rows })
    expect(lines(text).length).toBeLessThanOrEqual(rows)
    expect(text).toContain('model-0')
    if (rows >= 24) expect(text).toContain('user-0')
  })

  it('fills the height that the models leave with the other tables', () => {
    const text = renderTop(picture({ top_users: Array.from({ length: 10 }, (_, index) => user(`user-${index}`)) }), {
      ...options,
      rows: 24,
    })
    expect(text).toContain('user-9')
    expect(text).toContain('rate_limit')
  })

  it('leaves columns out rather than overflow a narrow terminal', () => {
    for (const columns of [40, 50, 60]) {
      for (const line of lines(renderTop(picture(), { ...options, columns }))) expect(displayWidth(line)).toBeLessThanOrEqual(columns)
    }
  })

  it('adds first token, prompt reading and answer writing where the terminal is wide', () => {
    const wide = lines(renderTop(picture(), { ...options, columns: 100 }))
    expect(wide.find((line) => line.includes('FIRST'))).toMatch(/ERR +FIRST +READ +WRITE$/)
    expect(wide.find((line) => line.includes('gpt-4o-mini'))).toMatch(/1\.2% 210ms 45\.6s 1\.2ks$/)
    expect(renderTop(picture(), { ...options, columns: 80 })).not.toContain('FIRST')
  })

  it('colours only where asked', () => {
    expect(renderTop(picture(), options)).not.toContain('\u001b')
    expect(renderTop(picture(), { ...options, color: true })).toContain('\u001b[1mAIWatch')
    const coloured = renderTop(picture({ models: [model('failing', { error_rate: 0.5 })] }), { ...options, color: true })
    expect(lines(coloured).find((line) => line.includes('failing'))).toContain('\u001b[31mfailing')
  })

  it('says so when there is no collector, with the last picture where there was one', () => {
    expect(renderTop(undefined, { ...options, trouble: 'no collector at x: ECONNREFUSED' })).toContain('ECONNREFUSED')
    expect(renderTop(picture(), { ...options, trouble: 'Redis does not answer' })).toMatch(/Redis does not answer[\s\S]*gpt-4o-mini/)
  })

  it('says so when nothing was called', () => {
    const text = renderTop(picture({ models: [], top_users: [], error_patterns: [], requests_5m: 0, response_time_p50: 0 }), {
      ...options,
      rows: 24,
    })
    expect(text).toContain('No calls in the last 24 hours.')
    expect(text).toContain('p50 -')
  })
})

describe('figures', () => {
  it('are at most five characters for counts', () => {
    for (const value of [0, 7, 999, 999.6, 1000, 1234, 9999, 99_949, 99_950, 999_499, 999_500, 1e6, 123_456_789, 9.99e11, 1e15]) {
      expect(formatCount(value).length).toBeLessThanOrEqual(5)
    }
    expect(formatCount(999_500)).toBe('1.0M')
  })

  it('never show an unknown price as 0', () => {
    expect(formatCost(0, 5, 5)).toBe('n/a')
    expect(formatCost(1.5, 1, 5)).toBe('$1.50+')
    expect(formatCost(0, 0, 5)).toBe('$0')
    expect(formatCost(0.00012, 0, 5)).toBe('$0.0001')
  })

  it('tell "none" from "fast"', () => {
    expect(formatSeconds(0)).toBe('-')
    expect(formatSeconds(0.0001)).toBe('1ms')
    expect(formatSeconds(0.9999)).toBe('1.00s')
    expect(formatShare(0.0004)).toBe('0.0%')
    expect(formatAge('', '2026-01-31T12:00:00Z')).toBe('-')
  })
})

describe('fitColumns', () => {
  it('never splits a wide character', () => {
    expect(fitColumns('模型', 3)).toBe('模…')
    expect(fitColumns('模型', 2)).toBe('… ')
    expect(displayWidth(fitColumns('模型名', 4))).toBe(4)
    expect(fitColumns('a', 3, 'right')).toBe('  a')
  })
})
