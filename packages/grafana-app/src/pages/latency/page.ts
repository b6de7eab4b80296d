import { askAnswer, CELL_PARAMS } from '../../panels/ask.ts'
import { barPanel, chartPanel } from '../../panels/chart-panel.ts'
import { createPage as create } from '../../panels/create-page.ts'
import { chartRow, wideRow } from '../../panels/layout.ts'
import { linkToNamed } from '../../panels/links.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { appVariable, choiceVariable, modelVariable } from '../../panels/variables.ts'

const ask = (part: string) => askAnswer('latency', part, { params: { ...CELL_PARAMS, kind: '$latency_kind' } })

export const createPage = () =>
  create({
    title: 'Latency',
    subTitle: 'Percentiles by model over time, with a relative error of at most 2 %, and where the time went when the provider says.',
    path: 'latency',
    variables: () => [
      choiceVariable('latency_kind', 'Measure', {
        latency: 'Whole call',
        first_token: 'First token',
        per_output_token: 'Per output token',
      }),
      appVariable(),
      modelVariable(),
    ],
    rows: () => [
      chartRow([
        chartPanel({ title: 'p50 by model', data: ask('p50'), style: 'lines' }),
        chartPanel({ title: 'p95 by model', data: ask('p95'), style: 'lines' }),
        chartPanel({ title: 'p99 by model', data: ask('p99'), style: 'lines' }),
        barPanel({ title: 'Where the time of a call goes', data: ask('breakdown'), names: 'Model', isStacked: true }),
      ]),
      wideRow(tablePanel({ title: 'Percentiles by model', data: ask('table'), links: { Model: linkToNamed('models', 'This model') } })),
    ],
  })
