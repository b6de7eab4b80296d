import { askAnswer, CELL_PARAMS } from '../../panels/ask.ts'
import { barPanel } from '../../panels/chart-panel.ts'
import { createPage as create } from '../../panels/create-page.ts'
import { chartRow, wideRow } from '../../panels/layout.ts'
import { modelLink } from '../../panels/named-links.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { choiceVariable } from '../../panels/variables.ts'
import { t } from '../../t.ts'
import { createModelRows } from './model-rows.ts'

/** Room for the names of twenty models. */
const BARS_HEIGHT = 480

const ask = (part: string, fields?: string[]) =>
  askAnswer('models', part, { params: { ...CELL_PARAMS, sort: '$models_sort', limit: '200' }, fields })

const HELP = ['calls', 'tokens', 'cost', 'errors', 'latency', 'first_token', 'time_per_call', 'cache', 'waste'] as const

export const createPage = () =>
  create({
    title: t('models.title', 'Models'),
    subTitle: t('models.subtitle', 'Models with calls in the chosen time range, compared.'),
    path: 'models',
    filters: ['app', 'provider', 'model'],
    help: HELP,
    variables: () => [
      choiceVariable('models_sort', t('models.sort', 'Most'), {
        calls: t('models.sort.calls', 'Calls'),
        cost: t('models.sort.cost', 'Money'),
        tokens: t('models.sort.tokens', 'Tokens'),
        errors: t('models.sort.errors', 'Errors'),
        latency: t('models.sort.latency', 'Latency'),
      }),
    ],
    rows: () => [
      wideRow(tablePanel({ title: t('models.compared', 'Models compared'), data: ask('table'), links: { model: modelLink() } })),
      chartRow(
        [
          barPanel({
            title: t('models.latency', 'Latency by model'),
            data: ask('figures', ['model', 'latency_p50_seconds', 'latency_p95_seconds']),
            names: 'model',
          }),
          barPanel({ title: t('models.cost', 'Cost by model'), data: ask('figures', ['model', 'cost_usd']), names: 'model' }),
          barPanel({
            title: t('models.time', 'Where the time of a call goes'),
            data: ask('breakdown'),
            names: 'model',
            isStacked: true,
          }),
        ],
        BARS_HEIGHT,
      ),
    ],
    one: (model) => ({
      title: model,
      subTitle: t('model.subtitle', 'One model: figures beside the time range before, course, apps, errors.'),
      filters: ['app', 'provider'],
      help: ['change', ...HELP],
      rows: () => createModelRows(model),
    }),
  })
