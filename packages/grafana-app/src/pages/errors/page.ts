import { askAnswer, askMetric, CELL_PARAMS } from '../../panels/ask.ts'
import { heatMapPanel } from '../../panels/chart-panel.ts'
import { createPage as create } from '../../panels/create-page.ts'
import { chartRow, figureRow, wideRow } from '../../panels/layout.ts'
import { CELL, column, linkToFiltered, linkToPage } from '../../panels/links.ts'
import { appLink, modelLink } from '../../panels/named-links.ts'
import { statPanel } from '../../panels/stat-panel.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { t } from '../../t.ts'

const ask = (part: string, fields?: string[]) => askAnswer('errors', part, { params: CELL_PARAMS, fields })

const CELL_LABELS = Object.keys(CELL_PARAMS)

const toErrors = () => linkToFiltered('calls', t('errors.calls-link', 'Calls that failed'), { outcome: 'error' })

const figures = () => [
  statPanel({ title: t('errors.errors', 'Errors'), data: ask('totals', ['errors']), link: toErrors() }),
  statPanel({ title: t('errors.rate', 'Error rate'), data: ask('totals', ['error_rate']), link: toErrors() }),
  statPanel({
    title: t('errors.calls', 'Calls'),
    data: ask('totals', ['calls']),
    link: linkToPage('models', t('errors.models-link', 'Models')),
  }),
  statPanel({ title: t('errors.patterns', 'Patterns'), data: ask('totals', ['patterns']) }),
  statPanel({
    title: t('errors.new-patterns', 'New'),
    data: ask('totals', ['new_patterns']),
    description: t('errors.new-patterns.description', 'First seen within the time range.'),
  }),
]

export const createPage = () =>
  create({
    title: t('errors.title', 'Errors'),
    subTitle: t('errors.subtitle', 'What fails, where and since when.'),
    path: 'errors',
    from: 'now-24h',
    filters: ['app', 'provider', 'model'],
    help: ['errors', 'calls', 'kept_calls'],
    rows: () => [
      figureRow(figures()),
      chartRow([
        heatMapPanel({ title: t('errors.by-type', 'Errors by type'), data: ask('cells') }),
        heatMapPanel({
          title: t('errors.by-model', 'Errors by model'),
          data: askMetric({
            metric: 'calls',
            aggregation: 'sum',
            groupBy: ['model'],
            format: 'heatmap',
            filters: [
              { label: 'outcome', operator: '!=', values: ['ok', 'aborted'] },
              ...CELL_LABELS.map((label) => ({ label, operator: '=' as const, values: [`$${label}`] })),
            ],
            legend: '{{model}}',
          }),
        }),
      ]),
      wideRow(
        tablePanel({
          title: t('errors.patterns', 'Patterns'),
          data: ask('patterns'),
          links: {
            error_type: linkToFiltered('calls', t('errors.pattern-link', 'Calls of this pattern'), {
              outcome: CELL,
              app: column('app'),
              provider: column('provider'),
              model: column('model'),
            }),
            app: appLink(),
            model: modelLink(),
          },
          gauges: ['calls'],
        }),
      ),
    ],
  })
