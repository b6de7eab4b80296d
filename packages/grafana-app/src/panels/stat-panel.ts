import { NAMED_TEXT } from '@aiwatch/provisioning/look'
import type { DataLink } from '@grafana/data'
import type { SceneDataProvider, VizPanel } from '@grafana/scenes'
import { hideEmptyChange } from './hide-empty-change.ts'
import { makePanel } from './make-panel.ts'

interface Stat {
  title: string
  data: SceneDataProvider
  description?: string
  link?: DataLink
  /** Shows the change against the first row of the data, where that has any; `rise`: whether more is better or worse. */
  change?: { rise: 'good' | 'bad' }
  /** Several figures side by side, with their names. */
  hasNames?: boolean
  /** Columns of texts and instants are shown too. */
  hasText?: boolean
}

export function statPanel({ title, data, description, link, change, hasNames, hasText }: Stat): VizPanel {
  return makePanel({
    pluginId: 'stat',
    title,
    description,
    $data: data,
    ...(change ? { $behaviors: [hideEmptyChange] } : {}),
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: hasText ? '/.*/' : '', values: false },
      graphMode: 'none',
      colorMode: 'none',
      justifyMode: 'auto',
      orientation: 'auto',
      textMode: hasNames ? 'value_and_name' : 'value',
      ...(hasNames ? { text: NAMED_TEXT } : {}),
      wideLayout: false,
      showPercentChange: change !== undefined,
      percentChangeColorMode: change?.rise === 'bad' ? 'inverted' : 'standard',
    },
    fieldConfig: { defaults: { ...(link ? { links: [link] } : {}), noValue: '–' }, overrides: [] },
  })
}
