/** The page of one user. */
import { askAnswer } from '../../panels/ask.ts'
import { chartPanel } from '../../panels/chart-panel.ts'
import { chartRow, figureRow, wideRow } from '../../panels/layout.ts'
import { linkToFiltered } from '../../panels/links.ts'
import { modelLink, sessionLink } from '../../panels/named-links.ts'
import { statPanel } from '../../panels/stat-panel.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { traceLinks } from '../../panels/trace-links.ts'
import { t } from '../../t.ts'

export function createUserRows(user: string) {
  const ask = (part: string, fields?: string[]) => askAnswer('user', part, { id: user, fields })
  const filter = { user: encodeURIComponent(user) }
  const toCalls = linkToFiltered('calls', t('user.calls-link', 'Calls of this user'), filter)
  const figure = (title: string, name: string, hasText = false) => statPanel({ title, data: ask('totals', [name]), hasText })
  return [
    figureRow([
      statPanel({ title: t('user.calls', 'Calls'), data: ask('totals', ['calls']), link: toCalls }),
      statPanel({
        title: t('user.errors', 'Errors'),
        data: ask('totals', ['errors']),
        link: linkToFiltered('calls', t('user.errors-link', 'Errors of this user'), { ...filter, outcome: 'error' }),
      }),
      figure(t('user.input', 'Input tokens'), 'input_tokens'),
      figure(t('user.output', 'Output tokens'), 'output_tokens'),
      statPanel({
        title: t('user.cost', 'Cost'),
        data: ask('totals', ['cost_usd']),
        link: linkToFiltered('costs', t('user.cost-link', 'Money of this user'), filter),
      }),
      figure(t('user.sessions', 'Sessions'), 'sessions'),
      figure(t('user.first-seen', 'First seen'), 'first_seen', true),
      figure(t('user.last-seen', 'Last seen'), 'last_seen', true),
    ]),
    chartRow([
      chartPanel({ title: t('user.tokens-hour', 'Tokens by hour'), data: ask('hours', ['tokens']), from: 'now-7d', style: 'bars' }),
      chartPanel({ title: t('user.calls-hour', 'Calls by hour'), data: ask('hours', ['calls']), from: 'now-7d', style: 'bars' }),
      chartPanel({ title: t('user.cost-hour', 'Cost by hour'), data: ask('hours', ['cost_usd']), from: 'now-7d', style: 'bars' }),
    ]),
    chartRow([
      tablePanel({ title: t('user.models', 'Models'), data: ask('models'), links: { model: modelLink() } }),
      tablePanel({ title: t('user.recent-sessions', 'Recent sessions'), data: ask('sessions'), links: { session: sessionLink() } }),
    ]),
    wideRow(
      tablePanel({
        title: t('user.recent-calls', 'Recent calls'),
        data: ask('calls'),
        links: { model: modelLink(), session: sessionLink(), trace_id: traceLinks() },
      }),
    ),
  ]
}
