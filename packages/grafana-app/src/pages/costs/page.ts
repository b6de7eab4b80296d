import { askAnswer, CELL_PARAMS } from '../../panels/ask.ts'
import { chartPanel } from '../../panels/chart-panel.ts'
import { createPage as create } from '../../panels/create-page.ts'
import { chartRow, figureRow, wideRow } from '../../panels/layout.ts'
import { statPanel } from '../../panels/stat-panel.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { appVariable, choiceVariable, modelVariable } from '../../panels/variables.ts'

const ask = (part: string, fields?: string[]) => askAnswer('costs', part, { params: { ...CELL_PARAMS, by: 'model' }, fields })

export const createPage = () =>
  create({
    title: 'Costs',
    subTitle: 'Money by model, app, provider, user and tag; what caching saved and retries wasted.',
    path: 'costs',
    from: 'now-24h',
    variables: () => [
      choiceVariable('costs_by', 'By', { model: 'Model', app: 'App', provider: 'Provider', user: 'User', tag: 'Tag' }),
      appVariable(),
      modelVariable(),
    ],
    rows: () => [
      figureRow([
        statPanel({ title: 'Cost', data: ask('totals', ['cost_usd']) }),
        statPanel({ title: 'Saved by the cache', data: ask('totals', ['cache_saved_usd']) }),
        statPanel({ title: 'Wasted by retries', data: ask('totals', ['wasted_usd']) }),
        statPanel({ title: 'Wasted attempts', data: ask('totals', ['wasted_attempts']) }),
        statPanel({
          title: 'Calls without a price',
          data: ask('totals', ['unpriced_calls']),
          description: 'Calls of models whose price is not known. They are in no cost.',
        }),
      ]),
      chartRow([chartPanel({ title: 'Money over time', data: ask('points'), style: 'bars' })]),
      wideRow(
        tablePanel({
          title: 'Money by name',
          description: 'By user and tag: whole hours of the last 7 days, without the filters by app and model.',
          data: askAnswer('costs', 'table', { params: { by: '$costs_by', app: '$app', model: '$model' } }),
          gauges: ['Cost'],
        }),
      ),
      wideRow(tablePanel({ title: 'Models without a price', data: ask('unpriced') }), 220),
    ],
  })
