import { askAnswer, CELL_PARAMS } from '../../panels/ask.ts'
import { chartPanel } from '../../panels/chart-panel.ts'
import { createPage as create } from '../../panels/create-page.ts'
import { chartRow, figureRow, wideRow } from '../../panels/layout.ts'
import { linkToNamed, linkToPage } from '../../panels/links.ts'
import { statPanel } from '../../panels/stat-panel.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { appVariable, modelVariable } from '../../panels/variables.ts'

const ask = (part: string, fields?: string[]) => askAnswer('errors', part, { params: CELL_PARAMS, fields })

export const createPage = () =>
  create({
    title: 'Errors',
    subTitle: 'What fails, where and since when.',
    path: 'errors',
    from: 'now-24h',
    variables: () => [appVariable(), modelVariable()],
    rows: () => [
      figureRow([
        statPanel({ title: 'Errors', data: ask('totals', ['errors']), link: linkToPage('calls', 'Calls') }),
        statPanel({ title: 'Error rate', data: ask('totals', ['error_rate']) }),
        statPanel({ title: 'Patterns', data: ask('totals', ['patterns']) }),
        statPanel({ title: 'New patterns', data: ask('totals', ['new_patterns']), description: 'First seen within the time range.' }),
      ]),
      chartRow([chartPanel({ title: 'Errors by type', data: ask('heatmap'), style: 'bars', isStacked: true })]),
      wideRow(
        tablePanel({
          title: 'Patterns',
          data: ask('patterns'),
          links: { Model: linkToNamed('models', 'This model') },
          gauges: ['Calls'],
        }),
      ),
    ],
  })
