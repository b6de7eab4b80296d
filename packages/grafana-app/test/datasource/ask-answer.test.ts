import { expect, test } from 'vitest'
import { answerFrames, answerQuestion, checkAnswerQuery } from '../../src/datasource/ask-answer.ts'
import type { AnswerQuery } from '../../src/datasource/query.ts'
import { replaceWith } from './replace.ts'

const query = (changed: Partial<AnswerQuery>): AnswerQuery => ({
  refId: 'A',
  kind: 'answer',
  operation: 'overview',
  part: 'rates',
  ...changed,
})
const RANGE = { from: 'now-1h', to: 'now' }

test('the window and the filters go along, each name once', () => {
  const asked = answerQuestion(
    query({ params: { app: '$app', model: '$model' } }),
    RANGE,
    replaceWith({ app: ['a', 'b'], model: 'm/1' }),
    {},
  )
  expect(asked).toEqual({ path: 'overview', params: { from: 'now-1h', to: 'now', app: ['a', 'b'], model: 'm/1' } })
})

test('a variable that stands for all, or is empty, is no filter', () => {
  const replace = replaceWith({ app: '*', model: '' })
  const { params } = answerQuestion(query({ params: { app: '$app', model: '$model', provider: '' } }), RANGE, replace, {})
  expect(params).toEqual(RANGE)
})

test('an operation without a window gets none, and only the parameters that it knows', () => {
  const asked = answerQuestion(query({ operation: 'users', part: 'table', params: { window: '7d', app: 'x' } }), RANGE, replaceWith({}), {})
  expect(asked).toEqual({ path: 'users', params: { window: '7d' } })
})

test('names in the path are encoded', () => {
  const asked = answerQuestion(query({ operation: 'model', part: 'figures', id: 'ai/llama3.2:1B' }), RANGE, replaceWith({}), {})
  expect(asked.path).toBe('models/ai%2Fllama3.2%3A1B')
})

test('a query that cannot be asked says why', () => {
  expect(checkAnswerQuery(query({}))).toBeUndefined()
  expect(checkAnswerQuery(query({ part: 'nothing' }))).toContain('overview has no part "nothing"; one of figures')
  expect(checkAnswerQuery(query({ operation: 'toString' as never }))).toContain('there is no answer "toString"')
  expect(checkAnswerQuery(query({ operation: 'user', part: 'totals' }))).toContain('needs the name of one')
})

test('only the chosen columns are shown, time always', () => {
  const points = [
    { timestamp: 1000, calls: 30, errors: 3, input_tokens: 600, output_tokens: 60, cost_usd: 0.5 },
    { timestamp: 11_000, calls: 0, errors: 0, input_tokens: 0, output_tokens: 0, cost_usd: 0 },
  ]
  const [frame] = answerFrames(query({ fields: ['errors_per_second'] }), { points, step_seconds: 10 })
  expect(frame?.refId).toBe('A')
  expect(frame?.fields.map(({ name, values }) => [name, values])).toEqual([
    ['time', [1000, 11_000]],
    ['errors_per_second', [0.3, 0]],
  ])
})
