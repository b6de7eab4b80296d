import {
  DataFrameType,
  type Field,
  formattedValueToString,
  getDisplayProcessor,
  type PanelData,
  PanelPlugin,
  type PanelProps,
} from '@grafana/data'

const MAX_ROWS = 20

const show = (field: Field, value: unknown) => formattedValueToString((field.display ?? getDisplayProcessor())(value))

/** The newest rows of each frame, formatted by its field configuration. */
function Frames({ data }: { data: PanelData }) {
  return (
    <>
      {data.series.map((frame, index) => (
        <table key={frame.name ?? index}>
          {frame.meta?.type === DataFrameType.HeatmapCells && <caption>{frame.meta.custom?.['yOrdinalDisplay'].join(', ')}</caption>}
          <thead>
            <tr>
              {frame.fields.map((field) => (
                <th key={field.name}>{field.config.displayName ?? field.name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: Math.min(frame.length, MAX_ROWS) }, (_, row) => frame.length - 1 - row).map((row) => (
              <tr key={row}>
                {frame.fields.map((field) => {
                  const link = field.getLinks?.({ valueRowIndex: row })[0]
                  const text = show(field, field.values[row])
                  return <td key={field.name}>{link ? <a href={link.href}>{text}</a> : text}</td>
                })}
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </>
  )
}

/** What a test reads of a panel stands in its attributes. */
function Panel({ data, title, options, pluginId }: PanelProps<{ showPercentChange?: boolean }> & { pluginId: string }) {
  return (
    <div
      data-panel={title}
      data-plugin={pluginId}
      data-state={data.state}
      data-change={options.showPercentChange === true}
      data-error={data.errors?.[0]?.message ?? ''}
      data-notices={data.series.flatMap(({ meta }) => meta?.notices?.map(({ text }) => text) ?? []).join(' ')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      style={{ height: '100%', overflow: 'auto' }}
    >
      <Frames data={data} />
    </div>
  )
}

export function makePanelPlugin(id: string): PanelPlugin {
  // biome-ignore lint/correctness/useHookAtTopLevel: a method of Grafana's plugin builder, not a hook.
  const plugin = new PanelPlugin((props: PanelProps) => <Panel {...props} pluginId={id} />).useFieldConfig()
  plugin.meta = { id, name: id, type: 'panel', info: { logos: { small: '', large: '' } } } as never
  return plugin
}
