import type { Figures } from '@aiwatch/collector/contract'
import { askAnswer, CELL_PARAMS } from '../../panels/ask.ts'
import { chartPanel } from '../../panels/chart-panel.ts'
import { createPage as create } from '../../panels/create-page.ts'
import { chartRow, figureRow } from '../../panels/layout.ts'
import { linkToPage } from '../../panels/links.ts'
import { modelLink, userLink } from '../../panels/named-links.ts'
import { statPanel } from '../../panels/stat-panel.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { t } from '../../t.ts'

/** So that everything is in one window of 1280 × 800, Grafana's own header included. */
const CHART_HEIGHT = 170
const TABLE_HEIGHT = 190

const ask = (part: string, fields?: string[]) => askAnswer('overview', part, { params: CELL_PARAMS, fields, live: true })

interface Kpi {
  title: string
  figure: keyof Figures
  page: string
  rise: 'good' | 'bad'
}

const kpis = (): Kpi[] => [
  { title: t('overview.calls-rate', 'Calls/s'), figure: 'calls_per_second', page: 'calls', rise: 'good' },
  { title: t('overview.input-rate', 'In tok/s'), figure: 'input_tokens_per_second', page: 'models', rise: 'good' },
  { title: t('overview.output-rate', 'Out tok/s'), figure: 'output_tokens_per_second', page: 'models', rise: 'good' },
  { title: t('overview.error-rate', 'Error rate'), figure: 'error_rate', page: 'errors', rise: 'bad' },
  { title: t('overview.p50', 'p50'), figure: 'latency_p50_seconds', page: 'latency', rise: 'bad' },
  { title: t('overview.p95', 'p95'), figure: 'latency_p95_seconds', page: 'latency', rise: 'bad' },
  { title: t('overview.p99', 'p99'), figure: 'latency_p99_seconds', page: 'latency', rise: 'bad' },
  { title: t('overview.first-token', 'First token'), figure: 'first_token_p50_seconds', page: 'latency', rise: 'bad' },
]

const linkTitle = (page: string) => t('links.explain', 'Explain: {{page}}', { page })

const kpiPanel = ({ title, figure, page, rise }: Kpi) =>
  statPanel({
    title,
    data: ask('figures', [figure]),
    link: linkToPage(page, linkTitle(page)),
    change: { rise },
  })

const figures = () => [
  ...kpis().map(kpiPanel),
  statPanel({
    title: t('overview.cost-today', 'Cost today'),
    data: ask('cost'),
    link: linkToPage('costs', linkTitle('costs')),
    change: { rise: 'bad' },
  }),
  statPanel({
    title: t('overview.active-users', 'Users'),
    data: ask('active', ['users_5m', 'users_1h', 'users_24h']),
    link: linkToPage('users', linkTitle('users')),
    hasNames: true,
  }),
]

export const createPage = () =>
  create({
    title: t('overview.title', 'Overview'),
    subTitle: t('overview.subtitle', 'What your programs ask of language models, now and in the chosen time range.'),
    path: 'overview',
    isLive: true,
    filters: ['app', 'provider', 'model'],
    help: ['calls', 'rates', 'tokens', 'cost', 'change', 'errors', 'latency', 'first_token', 'users'],
    rows: () => [
      figureRow(figures()),
      chartRow(
        [
          chartPanel({
            title: t('overview.calls-errors', 'Calls and errors per second'),
            data: ask('rates', ['calls_per_second', 'errors_per_second']),
          }),
          chartPanel({
            title: t('overview.tokens', 'Tokens per second'),
            data: ask('rates', ['input_tokens_per_second', 'output_tokens_per_second']),
          }),
          chartPanel({ title: t('overview.latency', 'Latency'), data: ask('latency'), style: 'lines' }),
        ],
        CHART_HEIGHT,
      ),
      chartRow(
        [
          tablePanel({
            title: t('overview.model-mix', 'Model mix'),
            data: ask('models'),
            gauges: ['share_of_calls'],
            links: { model: modelLink() },
          }),
          tablePanel({
            title: t('overview.top-users', 'Top users, 24 h'),
            data: ask('top_users'),
            gauges: ['tokens'],
            links: { user_id: userLink() },
          }),
        ],
        TABLE_HEIGHT,
      ),
    ],
  })
