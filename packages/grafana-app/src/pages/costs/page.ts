import { askAnswer, CELL_PARAMS } from '../../panels/ask.ts'
import { chartPanel } from '../../panels/chart-panel.ts'
import { createPage as create } from '../../panels/create-page.ts'
import { chartRow, figureRow, wideRow } from '../../panels/layout.ts'
import { CELL, linkToFiltered } from '../../panels/links.ts'
import { modelLink, userLink } from '../../panels/named-links.ts'
import { statPanel } from '../../panels/stat-panel.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { choiceVariable, nameVariable } from '../../panels/variables.ts'
import { t } from '../../t.ts'

const ask = (part: string, fields?: string[]) => askAnswer('costs', part, { params: { ...CELL_PARAMS, by: 'model' }, fields })
const table = (params: Record<string, string>) => askAnswer('costs', 'table', { params: { ...params, limit: '200' } })

/** Money of users and tags has columns for these alone. */
const MEMBER_FIELDS = ['name', 'cost_usd', 'calls', 'tokens', 'key']

const members = (params: Record<string, string>) =>
  askAnswer('costs', 'table', { params: { ...params, limit: '200' }, fields: MEMBER_FIELDS })

const wholeHours = () =>
  t('costs.members.description', 'Whole hours of at most the last 7 days, of all apps, providers and models together.')

const figures = () => [
  statPanel({ title: t('costs.cost', 'Cost'), data: ask('totals', ['cost_usd']) }),
  statPanel({ title: t('costs.saved', 'Cache saved'), data: ask('totals', ['cache_saved_usd']) }),
  statPanel({ title: t('costs.wasted', 'Retries wasted'), data: ask('totals', ['wasted_usd']) }),
  statPanel({ title: t('costs.wasted-attempts', 'Wasted attempts'), data: ask('totals', ['wasted_attempts']) }),
  statPanel({
    title: t('costs.unpriced', 'Unpriced'),
    data: ask('totals', ['unpriced_calls']),
    description: t('costs.unpriced.description', 'Calls of models whose price is not known. They are in no cost.'),
  }),
]

export const createPage = () =>
  create({
    title: t('costs.title', 'Costs'),
    subTitle: t('costs.subtitle', 'Money by model, app, provider, user and tag; what caching saved and retries wasted.'),
    path: 'costs',
    from: 'now-24h',
    filters: ['app', 'provider', 'model', 'user'],
    help: ['cost', 'cache', 'waste', 'tokens', 'retention'],
    variables: () => [
      choiceVariable('costs_by', t('costs.by', 'By'), {
        model: t('costs.by.model', 'Model'),
        app: t('costs.by.app', 'App'),
        provider: t('costs.by.provider', 'Provider'),
      }),
      nameVariable('tag_name', t('costs.tag-name', 'Tag'), 'tags'),
    ],
    rows: () => [
      figureRow(figures()),
      chartRow([chartPanel({ title: t('costs.points', 'Money over time'), data: ask('points'), style: 'bars' })]),
      wideRow(
        tablePanel({
          title: t('costs.by-name', 'Money by name'),
          data: table({ ...CELL_PARAMS, by: '$costs_by' }),
          gauges: ['cost_usd'],
        }),
        320,
      ),
      chartRow(
        [
          tablePanel({
            title: t('costs.by-user', 'Money by user'),
            description: wholeHours(),
            data: members({ by: 'user', user: '$user' }),
            gauges: ['cost_usd'],
            links: { name: userLink() },
          }),
          tablePanel({
            title: t('costs.by-tag', 'Money by tag'),
            description: wholeHours(),
            data: members({ by: 'tag', tag: '$tag_name' }),
            gauges: ['cost_usd'],
            links: { name: linkToFiltered('calls', t('costs.tag-link', 'Calls with this tag'), { tag: CELL }) },
          }),
        ],
        320,
      ),
      wideRow(
        tablePanel({ title: t('costs.unpriced-models', 'Models without a price'), data: ask('unpriced'), links: { model: modelLink() } }),
        220,
      ),
    ],
  })
