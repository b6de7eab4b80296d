/**
 * A change against nothing has no percentage, and one against next to nothing has none that tells anybody anything: Grafana's stat panel would show
 * 0 %, ∞ % or 86,100 % there.
 */
import { FieldType, type PanelData } from '@grafana/data'
import { sceneGraph, VizPanel } from '@grafana/scenes'

/** More than so many times the value before is no change but a beginning. */
const MAX_TIMES = 10

/** Whether the first value, that of the window before, is one that a change can be measured against. */
export function hasChange(series: PanelData['series']): boolean {
  const values = series[0]?.fields.find(({ type }) => type === FieldType.number)?.values ?? []
  return values.length > 1 && Number.isFinite(values[0]) && values[0] !== 0 && Math.abs(values.at(-1) / values[0]) <= MAX_TIMES
}

/** Behaviour of a stat panel. */
export function hideEmptyChange(panel: VizPanel): (() => void) | undefined {
  if (!(panel instanceof VizPanel)) return undefined
  const apply = (data: PanelData | undefined) => {
    if (!data || data.series.length === 0) return
    const showPercentChange = hasChange(data.series)
    const { options } = panel.state
    if ((options as { showPercentChange?: boolean }).showPercentChange !== showPercentChange) panel.onOptionsChange({ showPercentChange })
  }
  const data = sceneGraph.getData(panel)
  apply(data.state.data)
  const subscription = data.subscribeToState((state) => apply(state.data))
  return () => subscription.unsubscribe()
}
