/** What a panel says that has no data, and what a cell or a legend shows that has no value: Grafana has one setting for both. */
import { t } from '../t.ts'

export const nothing = () => ({
  defaults: { noValue: t('panel.nothing', 'Nothing here: choose a longer time range or other filters.') },
  overrides: [{ matcher: { id: 'byRegexp', options: '/.*/' }, properties: [{ id: 'noValue', value: '–' }] }],
})
