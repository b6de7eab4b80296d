import { askAnswer, CELL_PARAMS } from '../../panels/ask.ts'
import { createPage as create } from '../../panels/create-page.ts'
import { figureRow, wideRow } from '../../panels/layout.ts'
import { CELL, linkToFiltered } from '../../panels/links.ts'
import { appLink, modelLink, sessionLink, userLink } from '../../panels/named-links.ts'
import { statPanel } from '../../panels/stat-panel.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { traceLinks } from '../../panels/trace-links.ts'
import { choiceVariable, textVariable } from '../../panels/variables.ts'
import { t } from '../../t.ts'
import { outcomeVariable } from './outcome-variable.ts'

const PARAMS = {
  ...CELL_PARAMS,
  outcome: '$outcome',
  user: '$user',
  session: '$session',
  tag: '$tag',
  min_duration_ms: '$min_duration_ms',
  sort: '$calls_sort',
  limit: '200',
}

const askCalls = (part: string, fields?: string[]) => askAnswer('calls', part, { params: PARAMS, fields, live: true })
const askSessions = (part: string) => askAnswer('sessions', part, { params: { user: '$user' }, live: true })

function createCallsTable() {
  const traces = traceLinks()
  return tablePanel({
    title: t('calls.table', 'Calls'),
    data: askCalls('table'),
    description:
      traces.length > 0
        ? t('calls.table.description', 'The id in the column "Trace" leads to the trace.')
        : t('calls.table.no-traces', 'Ids in the column "Trace" become links once Grafana has a data source of Jaeger, Tempo or Zipkin.'),
    links: {
      app: appLink(),
      model: modelLink(),
      user_id: userLink(),
      session: sessionLink(),
      outcome: linkToFiltered('calls', t('calls.outcome-link', 'Calls with this outcome'), { outcome: CELL }),
      trace_id: traces,
    },
  })
}

export const createPage = () =>
  create({
    title: t('calls.title', 'Calls'),
    subTitle: t('calls.subtitle', 'The calls that are kept: all errors, the slowest, a fair sample of the rest.'),
    path: 'calls',
    isLive: true,
    from: 'now-24h',
    filters: ['app', 'provider', 'model', 'user', 'tag'],
    help: ['kept_calls', 'calls', 'sessions', 'tokens', 'cost', 'first_token'],
    variables: () => [
      choiceVariable('calls_sort', t('calls.sort', 'Order'), {
        recent: t('calls.sort.recent', 'Newest'),
        slowest: t('calls.sort.slowest', 'Slowest'),
        costliest: t('calls.sort.costliest', 'Costliest'),
      }),
      outcomeVariable(),
      textVariable('session', t('calls.session', 'Session')),
      textVariable('min_duration_ms', t('calls.min-duration', 'At least (ms)')),
    ],
    rows: () => [
      figureRow([
        statPanel({
          title: t('calls.kept', 'Calls kept'),
          data: askCalls('kept', ['kept_calls']),
          description: t('calls.kept.description', 'Whatever the filters and the time range.'),
        }),
        statPanel({
          title: t('calls.oldest', 'Oldest kept'),
          data: askCalls('kept', ['oldest_kept']),
          hasText: true,
        }),
        statPanel({
          title: t('calls.active-sessions', 'Active sessions'),
          data: askSessions('active'),
          hasNames: true,
        }),
      ]),
      wideRow(createCallsTable(), 560),
      wideRow(
        tablePanel({
          title: t('calls.sessions', 'Sessions'),
          data: askSessions('table'),
          description: t('calls.sessions.description', 'Found among the kept calls, whatever the time range.'),
          links: { session: sessionLink(), user_id: userLink() },
        }),
        320,
      ),
    ],
  })
