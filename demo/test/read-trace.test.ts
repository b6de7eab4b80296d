import { expect, test } from 'vitest'
import { parseTrace, sumTrace, TraceFormatError } from '../src/index.ts'

const HEADER = 'TIMESTAMP,ContextTokens,GeneratedTokens'

test('rows are read with fractions of seconds, Windows line ends and a last line without end', () => {
  const rows = parseTrace(`${HEADER}\r\n2023-11-16 18:17:04.0319600,3180,8\r\n2023-11-16 18:17:03.9799600,4808,10`, 'a.csv')
  expect(rows.map(({ inputTokens }) => inputTokens)).toEqual([4808, 3180])
  expect(rows[0]?.atMs).toBeCloseTo(Date.UTC(2023, 10, 16, 18, 17, 3) + 979.96, 3)
  expect(sumTrace(rows)).toEqual({ requests: 2, inputTokens: 7988, outputTokens: 18 })
})

test('timestamps may have a T and an offset', () => {
  const rows = parseTrace(`${HEADER}\n2024-05-10T02:00:00.5+02:00,1,2\n`, 'a.csv')
  expect(rows[0]?.atMs).toBe(Date.UTC(2024, 4, 10, 0, 0, 0, 500))
})

test.each([
  ['another header', 'day,hour,requests\n0,0,38', /^a\.csv:1: the first line must be TIMESTAMP/],
  ['an empty file', '', /^a\.csv:1: /],
  ['no rows', `${HEADER}\n\n`, /the file has no rows/],
  ['a field too few', `${HEADER}\n2023-11-16 18:17:03.97,1`, /^a\.csv:2: expected 3 fields, got 2/],
  ['a time that is none', `${HEADER}\n\n2023-13-16 18:17:03,1,2`, /^a\.csv:3: TIMESTAMP must look like/],
  ['negative tokens', `${HEADER}\n2023-11-16 18:17:03,-1,2`, /^a\.csv:2: ContextTokens must be a whole number/],
  ['broken tokens', `${HEADER}\n2023-11-16 18:17:03,1,2.5`, /^a\.csv:2: GeneratedTokens must be a whole number/],
  ['tokens past what a number holds', `${HEADER}\n2023-11-16 18:17:03,1,99999999999999999999`, /^a\.csv:2: GeneratedTokens/],
])('%s is an error that names the line', (_, text, message) => {
  expect(() => parseTrace(text, 'a.csv')).toThrow(TraceFormatError)
  expect(() => parseTrace(text, 'a.csv')).toThrow(message)
})
