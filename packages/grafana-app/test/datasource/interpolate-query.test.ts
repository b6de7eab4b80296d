import { expect, test } from 'vitest'
import { interpolateQuery } from '../../src/datasource/interpolate-query.ts'
import { replaceWith } from './replace.ts'

const replace = replaceWith({ app: '*', model: ['m1', 'm2'], user: 'ada', metric: 'calls', __from: '1700000000000' })
const fill = <Query extends object>(query: Query) => interpolateQuery(query, (text, format) => replace(text, {}, format))

test('parameters and the name of one are filled in; a filter that stands for all is left out', () => {
  expect(fill({ kind: 'answer', id: '$user', params: { app: '$app', model: '$model', limit: '5' } })).toEqual({
    kind: 'answer',
    id: 'ada',
    params: { model: '["m1","m2"]', limit: '5' },
  })
})

test('filters of a metric keep their names apart', () => {
  const filters = [
    { label: 'app', operator: '=', values: ['$app'] },
    { label: 'model', operator: '!=', values: ['$model'] },
    { label: 'provider', operator: 'absent', values: [] },
  ]
  expect(fill({ kind: 'metric', filters })).toEqual({
    kind: 'metric',
    filters: [{ label: 'model', operator: '!=', values: ['["m1","m2"]'] }, filters[2]],
  })
})

test('a body keeps what only the panel knows', () => {
  const { body } = fill({ kind: 'raw', body: '{"metric": "$metric", "filter": {"model": "$model", "app": "$app"}, "start_time": $__from}' })
  expect(JSON.parse(body)).toEqual({ metric: 'calls', filter: { model: ['m1', 'm2'] }, start_time: '$__from' })
})

test('a body that is no JSON stays as it is', () => {
  expect(fill({ kind: 'raw', body: '{"metric": ' })).toEqual({ kind: 'raw', body: '{"metric": ' })
})
