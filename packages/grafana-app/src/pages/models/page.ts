import { askAnswer, CELL_PARAMS } from '../../panels/ask.ts'
import { barPanel, chartPanel } from '../../panels/chart-panel.ts'
import { createPage as create } from '../../panels/create-page.ts'
import { chartRow, figureRow, wideRow } from '../../panels/layout.ts'
import { linkToNamed, linkToPage } from '../../panels/links.ts'
import { statPanel } from '../../panels/stat-panel.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { appVariable, modelVariable } from '../../panels/variables.ts'

/** Room for the names of twenty models. */
const BARS_HEIGHT = 480

const ask = (part: string, fields?: string[]) => askAnswer('models', part, { params: CELL_PARAMS, fields })

function createModelRows(model: string) {
  const askModel = (part: string, fields?: string[]) => askAnswer('model', part, { id: model, params: { app: '$app' }, fields })
  const figure = (title: string, name: string, page: string, rise: 'good' | 'bad') =>
    statPanel({ title, data: askModel('figures', [name]), link: linkToPage(page, `Explain: ${page}`), change: { rise } })
  return [
    figureRow([
      figure('Calls', 'calls', 'calls', 'good'),
      figure('Error rate', 'error_rate', 'errors', 'bad'),
      figure('Input tokens', 'input_tokens', 'costs', 'good'),
      figure('Output tokens', 'output_tokens', 'costs', 'good'),
      figure('Cost', 'cost_usd', 'costs', 'bad'),
      figure('Saved by the cache', 'cache_saved_usd', 'costs', 'good'),
      figure('Latency p50', 'latency_p50_seconds', 'latency', 'bad'),
      figure('Latency p95', 'latency_p95_seconds', 'latency', 'bad'),
      figure('First token p50', 'first_token_p50_seconds', 'latency', 'bad'),
      figure('Output speed', 'generation_tokens_per_second', 'latency', 'good'),
    ]),
    chartRow([
      chartPanel({ title: 'Calls and errors per second', data: askModel('rates', ['calls_per_second', 'errors_per_second']) }),
      chartPanel({ title: 'Tokens per second', data: askModel('rates', ['input_tokens_per_second', 'output_tokens_per_second']) }),
      chartPanel({ title: 'Latency', data: askModel('latency'), style: 'lines' }),
      chartPanel({ title: 'Cost', data: askModel('points', ['cost_usd']), style: 'bars' }),
    ]),
    chartRow([
      statPanel({ title: 'Where the time of a call goes', data: askModel('breakdown'), hasNames: true }),
      tablePanel({ title: 'Errors by type', data: askModel('errors'), gauges: ['Calls'] }),
    ]),
    wideRow(tablePanel({ title: 'Apps that ask it', data: askModel('apps') }), 300),
  ]
}

export const createPage = () =>
  create({
    title: 'Models',
    subTitle: 'Models with calls in the chosen time range, compared.',
    path: 'models',
    variables: () => [appVariable(), modelVariable()],
    rows: () => [
      wideRow(
        tablePanel({
          title: 'Models compared',
          data: ask('table'),
          links: { Model: linkToNamed('models', 'This model') },
          sortBy: { displayName: 'Calls', desc: true },
        }),
      ),
      chartRow(
        [
          barPanel({
            title: 'Latency by model',
            data: ask('figures', ['model', 'latency_p50_seconds', 'latency_p95_seconds']),
            names: 'Model',
          }),
          barPanel({ title: 'Cost by model', data: ask('figures', ['model', 'cost_usd']), names: 'Model' }),
          barPanel({ title: 'Where the time of a call goes', data: ask('breakdown'), names: 'Model', isStacked: true }),
        ],
        BARS_HEIGHT,
      ),
    ],
    one: (model) => ({
      title: model,
      subTitle: 'One model: figures beside the time range before, course, apps, errors.',
      variables: () => [appVariable()],
      rows: () => createModelRows(model),
    }),
  })
