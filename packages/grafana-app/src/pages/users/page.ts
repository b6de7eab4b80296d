import { askAnswer, askMetric } from '../../panels/ask.ts'
import { chartPanel } from '../../panels/chart-panel.ts'
import { createPage as create } from '../../panels/create-page.ts'
import { chartRow, figureRow, wideRow } from '../../panels/layout.ts'
import { linkToNamed } from '../../panels/links.ts'
import { statPanel } from '../../panels/stat-panel.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { choiceVariable, textVariable } from '../../panels/variables.ts'

const ask = (part: string, fields?: string[]) =>
  askAnswer('users', part, { params: { window: '$users_window', sort: '$users_sort', search: '$user', limit: '200' }, fields })

function createUserRows(user: string) {
  const askUser = (part: string, fields?: string[]) => askAnswer('user', part, { id: user, fields })
  return [
    figureRow([
      statPanel({ title: 'Calls', data: askUser('totals', ['calls']) }),
      statPanel({ title: 'Errors', data: askUser('totals', ['errors']) }),
      statPanel({ title: 'Input tokens', data: askUser('totals', ['input_tokens']) }),
      statPanel({ title: 'Output tokens', data: askUser('totals', ['output_tokens']) }),
      statPanel({ title: 'Cost', data: askUser('totals', ['cost_usd']) }),
      statPanel({ title: 'Sessions', data: askUser('totals', ['sessions']) }),
    ]),
    chartRow([
      chartPanel({ title: 'Tokens by hour', data: askUser('hours', ['tokens']), from: 'now-7d', style: 'bars' }),
      chartPanel({ title: 'Cost by hour', data: askUser('hours', ['cost_usd']), from: 'now-7d', style: 'bars' }),
    ]),
    chartRow([
      tablePanel({ title: 'Models', data: askUser('models'), links: { Model: linkToNamed('models', 'This model') } }),
      tablePanel({ title: 'Recent sessions', data: askUser('sessions') }),
    ]),
    wideRow(tablePanel({ title: 'Recent calls', data: askUser('calls') })),
  ]
}

export const createPage = () =>
  create({
    title: 'Users',
    subTitle: 'Who asks most, who is new, who comes back.',
    path: 'users',
    variables: () => [
      choiceVariable('users_window', 'Rank over', { '24h': '24 hours', '1h': '1 hour', '6h': '6 hours', '7d': '7 days' }),
      choiceVariable('users_sort', 'Most', { tokens: 'Tokens', calls: 'Calls', cost: 'Money' }),
      textVariable('user', 'User'),
    ],
    rows: () => [
      figureRow([
        statPanel({ title: 'Active, 24 h', data: ask('audience', ['daily_active']) }),
        statPanel({
          title: 'Active, 7 days',
          data: ask('audience', ['weekly_active']),
          description: 'An estimate; standard error 0.81 %.',
        }),
        statPanel({
          title: 'Active, 30 days',
          data: ask('audience', ['monthly_active']),
          description: 'An estimate; standard error 0.81 %.',
        }),
        statPanel({
          title: 'Stickiness',
          data: ask('audience', ['stickiness']),
          description: 'Mean of daily active ÷ monthly active users.',
        }),
      ]),
      wideRow(
        tablePanel({
          title: 'Users by rank',
          data: ask('table'),
          links: { User: linkToNamed('users', 'This user') },
          gauges: ['In the window'],
        }),
      ),
      chartRow([
        chartPanel({ title: 'New and returning users by day', data: ask('days'), from: 'now-30d', style: 'bars', isStacked: true }),
        chartPanel({
          title: 'Active users, last 5 minutes',
          data: askMetric({ metric: 'metrics:users:active_5m', aggregation: 'max', groupBy: [], legend: 'Active users' }),
        }),
      ]),
    ],
    one: (user) => ({
      title: user,
      subTitle: 'One user: totals since first seen, a week by hour, models, sessions, calls.',
      rows: () => createUserRows(user),
    }),
  })
