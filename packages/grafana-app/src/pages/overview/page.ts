import type { Figures } from '@aiwatch/collector/contract'
import { askAnswer, CELL_PARAMS } from '../../panels/ask.ts'
import { chartPanel } from '../../panels/chart-panel.ts'
import { createPage as create } from '../../panels/create-page.ts'
import { chartRow, figureRow } from '../../panels/layout.ts'
import { linkToNamed, linkToPage } from '../../panels/links.ts'
import { statPanel } from '../../panels/stat-panel.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { appVariable, modelVariable } from '../../panels/variables.ts'

const ask = (part: string, fields?: string[]) => askAnswer('overview', part, { params: CELL_PARAMS, fields })

interface Kpi {
  title: string
  figure: keyof Figures
  page: string
  rise?: 'good' | 'bad'
}

const KPIS: Kpi[] = [
  { title: 'Calls/s', figure: 'calls_per_second', page: 'calls', rise: 'good' },
  { title: 'Input tok/s', figure: 'input_tokens_per_second', page: 'models', rise: 'good' },
  { title: 'Output tok/s', figure: 'output_tokens_per_second', page: 'models', rise: 'good' },
  { title: 'Error rate', figure: 'error_rate', page: 'errors', rise: 'bad' },
  { title: 'Latency p50', figure: 'latency_p50_seconds', page: 'latency', rise: 'bad' },
  { title: 'Latency p95', figure: 'latency_p95_seconds', page: 'latency', rise: 'bad' },
  { title: 'Latency p99', figure: 'latency_p99_seconds', page: 'latency', rise: 'bad' },
  { title: 'First token p50', figure: 'first_token_p50_seconds', page: 'latency', rise: 'bad' },
]

const kpiPanel = ({ title, figure, page, rise }: Kpi) =>
  statPanel({
    title,
    data: ask('figures', [figure]),
    link: linkToPage(page, `Explain: ${page}`),
    description: 'Of the chosen time range, and the change against the range before it.',
    ...(rise ? { change: { rise } } : {}),
  })

export const createPage = () =>
  create({
    title: 'Overview',
    subTitle: 'What your programs ask of language models, now and in the chosen time range.',
    path: 'overview',
    refresh: '5s',
    variables: () => [appVariable(), modelVariable()],
    rows: () => [
      figureRow([
        ...KPIS.map(kpiPanel),
        statPanel({
          title: 'Cost today',
          data: ask('cost'),
          description: 'Since midnight UTC, beside yesterday up to this time of day. Calls whose price is not known are not in it.',
          link: linkToPage('costs', 'Explain: costs'),
          change: { rise: 'bad' },
        }),
        statPanel({
          title: 'Active users',
          data: ask('active', ['users_5m', 'users_1h', 'users_24h']),
          link: linkToPage('users', 'Users'),
          hasNames: true,
        }),
      ]),
      chartRow([
        chartPanel({ title: 'Calls and errors per second', data: ask('rates', ['calls_per_second', 'errors_per_second']) }),
        chartPanel({ title: 'Tokens per second', data: ask('rates', ['input_tokens_per_second', 'output_tokens_per_second']) }),
        chartPanel({ title: 'Latency', data: ask('latency'), style: 'lines' }),
      ]),
      chartRow([
        tablePanel({
          title: 'Model mix',
          data: ask('models'),
          gauges: ['Share'],
          links: { Model: linkToNamed('models', 'This model') },
        }),
        tablePanel({
          title: 'Top users, 24 h',
          data: ask('top_users'),
          gauges: ['Tokens'],
          links: { User: linkToNamed('users', 'This user') },
        }),
      ]),
    ],
  })
