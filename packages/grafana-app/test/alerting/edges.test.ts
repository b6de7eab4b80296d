import { expect, test } from 'vitest'
import { AlertingApi, type ApiRequest } from '../../src/alerting/alerting-api.ts'
import { describeRefusal } from '../../src/alerting/describe-refusal.ts'
import { readUserRights } from '../../src/alerting/user-rights.ts'
import { formatDuration, parseDuration } from '../../src/data/duration.ts'

test.each([
  ['0', 0],
  ['0s', 0],
  ['1h30m', 5400],
  [' 90s ', 90],
  ['1d', 86_400],
  ['5', undefined],
  ['1h 30m', undefined],
  ['', undefined],
  ['-1m', undefined],
])('the duration "%s" is %s s', (text, seconds) => expect(parseDuration(text)).toBe(seconds))

test('a duration is written and read back', () => {
  for (const seconds of [0, 1, 60, 90, 3600, 90_061]) expect(parseDuration(formatDuration(seconds))).toBe(seconds)
  expect(formatDuration(90_061)).toBe('1d1h1m1s')
})

test('an editor of Grafana may write rules, a viewer may not', () => {
  const editor = { 'alert.rules:create': true, 'alert.rules:write': true, 'alert.rules:delete': true, 'alert.silences:create': true }
  expect(readUserRights({ ...editor, 'alert.provisioning.provenance:write': true })).toMatchObject({
    create: true,
    edit: true,
    remove: true,
    silence: true,
  })
  expect(readUserRights(editor)).toMatchObject({ create: false, edit: false, remove: false })
  expect(readUserRights({ 'alert.rules:read': true, 'alert.notifications:read': true })).toEqual({
    create: false,
    edit: false,
    remove: false,
    silence: false,
    endSilence: false,
    seeContactPoints: true,
  })
  expect(readUserRights(undefined).create).toBe(false)
})

test.each([
  [{ status: 403, data: { message: 'user is not authorized to create alert rules.' } }, /403.*not authorized.*Ask an administrator/],
  [{ status: 400, data: { message: 'invalid alert rule: interval' } }, /does not take it \(400\): invalid alert rule: interval\.$/],
  [{ status: 409, data: {} }, /changed it meanwhile \(409\)\. Reload/],
  [{ status: 500, data: 'text' }, /answered 500\. Its log/],
  [new TypeError('Failed to fetch'), /does not answer/],
  [new RangeError('own words'), /^own words$/],
])('a refusal is a sentence', (error, sentence) => expect(describeRefusal(error)).toMatch(sentence))

test('a data source that fails is a failure of its queries, and no fault of the page', async () => {
  const send = async ({ url }: ApiRequest): Promise<unknown> => {
    if (url === '/api/ds/query') throw { status: 400, data: { results: { a: { error: 'no such host' }, b: { frames: [] } } } }
    throw { status: 404 }
  }
  const queries = ['a', 'b', 'c'].map((refId) => ({ refId, datasourceUid: 'p', expression: 'up' }))
  expect([...(await new AlertingApi(send).query(queries))]).toEqual([
    ['a', { failure: 'no such host' }],
    ['b', { samples: [] }],
    ['c', { failure: 'no answer' }],
  ])
})
