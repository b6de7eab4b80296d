/** The page of one model. */
import type { Figures } from '@aiwatch/collector/contract'
import { askAnswer } from '../../panels/ask.ts'
import { chartPanel } from '../../panels/chart-panel.ts'
import { chartRow, figureRow, wideRow } from '../../panels/layout.ts'
import { CELL, linkToFiltered } from '../../panels/links.ts'
import { appLink } from '../../panels/named-links.ts'
import { statPanel } from '../../panels/stat-panel.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { t } from '../../t.ts'

type Figure = [title: string, name: keyof Figures, page: string, rise: 'good' | 'bad']

const listFigures = (): Figure[] => [
  [t('model.calls', 'Calls'), 'calls', 'calls', 'good'],
  [t('model.error-rate', 'Error rate'), 'error_rate', 'errors', 'bad'],
  [t('model.aborted', 'Aborted'), 'aborted_calls', 'calls', 'bad'],
  [t('model.input', 'Input tokens'), 'input_tokens', 'costs', 'good'],
  [t('model.output', 'Output tokens'), 'output_tokens', 'costs', 'good'],
  [t('model.cache-read', 'Cache read tokens'), 'cache_read_tokens', 'costs', 'good'],
  [t('model.reasoning', 'Reasoning tokens'), 'reasoning_tokens', 'costs', 'bad'],
  [t('model.cost', 'Cost'), 'cost_usd', 'costs', 'bad'],
  [t('model.saved', 'Saved by the cache'), 'cache_saved_usd', 'costs', 'good'],
  [t('model.wasted', 'Wasted'), 'wasted_usd', 'costs', 'bad'],
  [t('model.unpriced', 'Calls without a price'), 'unpriced_calls', 'costs', 'bad'],
  [t('model.p50', 'Latency p50'), 'latency_p50_seconds', 'latency', 'bad'],
  [t('model.p95', 'Latency p95'), 'latency_p95_seconds', 'latency', 'bad'],
  [t('model.p99', 'Latency p99'), 'latency_p99_seconds', 'latency', 'bad'],
  [t('model.first-token', 'First token p50'), 'first_token_p50_seconds', 'latency', 'bad'],
  [t('model.speed', 'Output speed'), 'generation_tokens_per_second', 'latency', 'good'],
]

export function createModelRows(model: string) {
  const ask = (part: string, fields?: string[]) =>
    askAnswer('model', part, { id: model, params: { app: '$app', provider: '$provider' }, fields })
  const filter = { model: encodeURIComponent(model) }
  const figure = ([title, name, page, rise]: Figure) =>
    statPanel({
      title,
      data: ask('figures', [name]),
      link: linkToFiltered(page, t('links.explain', 'Explain: {{page}}', { page }), filter),
      change: { rise },
    })
  return [
    figureRow(listFigures().map(figure)),
    chartRow([
      chartPanel({
        title: t('model.rates', 'Calls and errors per second'),
        data: ask('rates', ['calls_per_second', 'errors_per_second']),
      }),
      chartPanel({
        title: t('model.tokens', 'Tokens per second'),
        data: ask('rates', ['input_tokens_per_second', 'output_tokens_per_second']),
      }),
      chartPanel({ title: t('model.latency', 'Latency'), data: ask('latency'), style: 'lines' }),
      chartPanel({ title: t('model.cost', 'Cost'), data: ask('points', ['cost_usd']), style: 'bars' }),
    ]),
    chartRow([
      statPanel({ title: t('model.time', 'Where the time of a call goes'), data: ask('breakdown'), hasNames: true }),
      tablePanel({
        title: t('model.errors', 'Errors by type'),
        data: ask('errors'),
        gauges: ['calls'],
        links: { error_type: linkToFiltered('calls', t('links.these-calls', 'These calls'), { ...filter, outcome: CELL }) },
      }),
    ]),
    wideRow(tablePanel({ title: t('model.apps', 'Apps that ask it'), data: ask('apps'), links: { app: appLink() } }), 300),
  ]
}
