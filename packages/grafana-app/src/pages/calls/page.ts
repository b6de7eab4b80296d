import { askAnswer, CELL_PARAMS } from '../../panels/ask.ts'
import { createPage as create } from '../../panels/create-page.ts'
import { figureRow, wideRow } from '../../panels/layout.ts'
import { linkToNamed } from '../../panels/links.ts'
import { statPanel } from '../../panels/stat-panel.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { appVariable, choiceVariable, modelVariable, textVariable } from '../../panels/variables.ts'

const PARAMS = { ...CELL_PARAMS, outcome: '$outcome', user: '$user', tag: '$tag', sort: '$calls_sort', limit: '200' }

const OUTCOMES = {
  '*': 'Any',
  error: 'Any error',
  ok: 'OK',
  aborted: 'Aborted',
  rate_limit: 'Rate limit',
  timeout: 'Timeout',
  auth: 'Auth',
  invalid_request: 'Invalid request',
  context_length: 'Context length',
  content_filter: 'Content filter',
  not_found: 'Not found',
  overloaded: 'Overloaded',
  server_error: 'Server error',
  network: 'Network',
  unknown: 'Unknown',
}

export const createPage = () =>
  create({
    title: 'Calls',
    subTitle: 'The calls that are kept: all errors, the slowest, a fair sample of the rest.',
    path: 'calls',
    refresh: '10s',
    variables: () => [
      choiceVariable('calls_sort', 'Order', { recent: 'Newest', slowest: 'Slowest', costliest: 'Costliest' }),
      choiceVariable('outcome', 'Outcome', OUTCOMES),
      appVariable(),
      modelVariable(),
      textVariable('user', 'User'),
      textVariable('tag', 'Tag (name=value)'),
    ],
    rows: () => [
      figureRow([
        statPanel({ title: 'Calls kept', data: askAnswer('calls', 'kept', { params: PARAMS, fields: ['kept_calls'] }) }),
        statPanel({ title: 'Active sessions', data: askAnswer('sessions', 'active'), hasNames: true }),
      ]),
      wideRow(
        tablePanel({
          title: 'Calls',
          data: askAnswer('calls', 'table', { params: PARAMS }),
          links: { Model: linkToNamed('models', 'This model'), User: linkToNamed('users', 'This user') },
        }),
        560,
      ),
      wideRow(tablePanel({ title: 'Sessions', data: askAnswer('sessions', 'table', { params: { user: '$user' } }) }), 320),
    ],
  })
