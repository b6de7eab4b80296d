import { expect, test } from 'vitest'
import { describeFailure } from '../../src/data/describe-failure.ts'

const problem = (status: number, detail: string, field?: string) => ({ status, data: { type: '/docs', title: '', status, detail, field } })

test.each([
  ['the proxy cannot connect', { status: 502, data: '' }, 'unreachable', /cannot reach the collector/],
  ['a key that the collector refuses', { status: 400, data: 'Authentication to data source failed' }, 'key', /aiwatch keys create/],
  [
    'the same, as Grafana wraps text',
    { status: 400, data: { response: 'Authentication to data source failed' } },
    'key',
    /refused the API key/,
  ],
  ['a key of the wrong role', problem(403, 'this needs a key of role read; the one given has role ingest'), 'role', /has role ingest/],
  ['a user who may not query', { status: 403, data: { message: 'Access denied' } }, 'grafana', /Grafana does not let you/],
  ['the session has ended', { status: 401, data: { message: 'Unauthorized' } }, 'grafana', /Log in again/],
  ['something else answers there', { status: 404, data: '<html>' }, 'version', /analytics port/],
  ['one that is not known', problem(404, 'there is no user "x"'), 'question', /there is no user "x"/],
  [
    'an address that is none',
    { status: 400, data: { message: 'Invalid data source URL: "http://%"' } },
    'grafana',
    /Invalid data source URL/,
  ],
  ['Redis is away', problem(503, 'Redis does not answer'), 'redis', /aiwatch doctor/],
  ['Grafana is away', new TypeError('Failed to fetch'), 'grafana', /Grafana does not answer/],
  ['too many questions', { status: 429 }, 'busy', /refresh interval/],
  ['a fault of the collector', { status: 500, statusText: 'Internal Server Error' }, 'other', /500 Internal Server Error/],
])('%s', (_case, error, kind, sentence) => {
  const failure = describeFailure(error)
  expect(failure.kind).toBe(kind)
  expect(failure.message).toMatch(sentence)
})

test('a question that the collector does not take names the field', () => {
  expect(describeFailure(problem(400, 'from must be before to', 'from'))).toEqual({
    kind: 'question',
    field: 'from',
    message: 'The collector does not take the question: from must be before to.',
  })
})

test('a problem document that comes as text is read', () => {
  const error = { status: 400, data: JSON.stringify({ detail: 'limit: too big', field: 'limit' }) }
  expect(describeFailure(error)).toMatchObject({ kind: 'question', field: 'limit' })
})
