import { askAnswer, askMetric } from '../../panels/ask.ts'
import { chartPanel } from '../../panels/chart-panel.ts'
import { createPage as create } from '../../panels/create-page.ts'
import { chartRow, figureRow, wideRow } from '../../panels/layout.ts'
import { userLink } from '../../panels/named-links.ts'
import { statPanel } from '../../panels/stat-panel.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { choiceVariable } from '../../panels/variables.ts'
import { t } from '../../t.ts'
import { createUserRows } from './user-rows.ts'

const ask = (part: string, fields?: string[]) =>
  askAnswer('users', part, { params: { window: '$users_window', sort: '$users_sort', search: '$user', limit: '200' }, fields })

const isEstimate = () => t('users.estimate', 'An estimate; standard error 0.81 %.')

const figures = () => [
  statPanel({ title: t('users.active-24h', 'Active, 24 h'), data: ask('audience', ['daily_active']) }),
  statPanel({ title: t('users.active-7d', 'Active, 7 days'), data: ask('audience', ['weekly_active']), description: isEstimate() }),
  statPanel({ title: t('users.active-30d', 'Active, 30 days'), data: ask('audience', ['monthly_active']), description: isEstimate() }),
  statPanel({
    title: t('users.stickiness', 'Stickiness'),
    data: ask('audience', ['stickiness']),
    description: t('users.stickiness.description', 'Mean of daily active ÷ monthly active users.'),
  }),
]

export const createPage = () =>
  create({
    title: t('users.title', 'Users'),
    subTitle: t('users.subtitle', 'Who asks most, who is new, who comes back. Of all apps and models together.'),
    path: 'users',
    filters: ['user'],
    help: ['users', 'audience', 'tokens', 'cost', 'retention'],
    variables: () => [
      choiceVariable('users_window', t('users.window', 'Rank over'), {
        '24h': t('users.window.24h', '24 hours'),
        '1h': t('users.window.1h', '1 hour'),
        '6h': t('users.window.6h', '6 hours'),
        '7d': t('users.window.7d', '7 days'),
      }),
      choiceVariable('users_sort', t('users.sort', 'Most'), {
        tokens: t('users.sort.tokens', 'Tokens'),
        calls: t('users.sort.calls', 'Calls'),
        cost: t('users.sort.cost', 'Money'),
      }),
    ],
    rows: () => [
      figureRow(figures()),
      wideRow(
        tablePanel({
          title: t('users.rank', 'Users by rank'),
          data: ask('table'),
          description: t('users.rank.description', 'Totals since first seen; "In the window" is what the rank goes by.'),
          links: { user_id: userLink() },
          gauges: ['value'],
        }),
      ),
      chartRow([
        chartPanel({
          title: t('users.days', 'New and returning users by day'),
          data: ask('days'),
          from: 'now-30d',
          style: 'bars',
          isStacked: true,
        }),
        chartPanel({
          title: t('users.active-5m', 'Active users, last 5 minutes'),
          data: askMetric({
            metric: 'metrics:users:active_5m',
            aggregation: 'max',
            groupBy: [],
            legend: t('users.active', 'Active users'),
          }),
        }),
      ]),
    ],
    one: (user) => ({
      title: user,
      subTitle: t('user.subtitle', 'One user: totals since first seen, a week by hour, models, sessions, calls.'),
      help: ['calls', 'tokens', 'cost', 'sessions', 'kept_calls'],
      rows: () => createUserRows(user),
    }),
  })
