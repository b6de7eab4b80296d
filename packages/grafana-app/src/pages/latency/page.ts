import { askAnswer, CELL_PARAMS } from '../../panels/ask.ts'
import { barPanel, chartPanel } from '../../panels/chart-panel.ts'
import { createPage as create } from '../../panels/create-page.ts'
import { chartRow, figureRow, wideRow } from '../../panels/layout.ts'
import { linkToFiltered } from '../../panels/links.ts'
import { modelLink } from '../../panels/named-links.ts'
import { statPanel } from '../../panels/stat-panel.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { choiceVariable } from '../../panels/variables.ts'
import { t } from '../../t.ts'

const ask = (part: string) => askAnswer('latency', part, { params: { ...CELL_PARAMS, kind: '$latency_kind' } })

type Figure = [title: string, name: string]

/** Of all models together: percentiles of several models cannot be added up from those of each. */
function figures() {
  const listed: Figure[] = [
    [t('latency.p50', 'Latency p50'), 'latency_p50_seconds'],
    [t('latency.p95', 'Latency p95'), 'latency_p95_seconds'],
    [t('latency.p99', 'Latency p99'), 'latency_p99_seconds'],
    [t('latency.first-token-p50', 'First token p50'), 'first_token_p50_seconds'],
    [t('latency.first-token-p95', 'First token p95'), 'first_token_p95_seconds'],
    [t('latency.per-token', 'Time per output token'), 'per_output_token_p50_seconds'],
  ]
  const slowest = linkToFiltered('calls', t('latency.slowest-link', 'Slowest calls'), { calls_sort: 'slowest' })
  return listed.map(([title, name]) =>
    statPanel({
      title,
      data: askAnswer('overview', 'figures', { params: CELL_PARAMS, fields: [name] }),
      link: slowest,
      change: { rise: 'bad' },
    }),
  )
}

export const createPage = () =>
  create({
    title: t('latency.title', 'Latency'),
    subTitle: t(
      'latency.subtitle',
      'Percentiles by model over time, with a relative error of at most 2 %, and where the time went when the provider says.',
    ),
    path: 'latency',
    filters: ['app', 'provider', 'model'],
    help: ['latency', 'first_token', 'time_per_call', 'change'],
    variables: () => [
      choiceVariable('latency_kind', t('latency.kind', 'Measure'), {
        latency: t('latency.kind.latency', 'Whole call'),
        first_token: t('latency.kind.first_token', 'First token'),
        per_output_token: t('latency.kind.per_output_token', 'Per output token'),
      }),
    ],
    rows: () => [
      figureRow(figures()),
      chartRow([
        chartPanel({ title: t('latency.p50-model', 'p50 by model'), data: ask('p50'), style: 'lines' }),
        chartPanel({ title: t('latency.p95-model', 'p95 by model'), data: ask('p95'), style: 'lines' }),
        chartPanel({ title: t('latency.p99-model', 'p99 by model'), data: ask('p99'), style: 'lines' }),
        barPanel({ title: t('latency.time', 'Where the time of a call goes'), data: ask('breakdown'), names: 'model', isStacked: true }),
      ]),
      wideRow(tablePanel({ title: t('latency.table', 'Percentiles by model'), data: ask('table'), links: { model: modelLink() } })),
    ],
  })
