import { type Field, formattedValueToString, getDisplayProcessor, type PanelData, PanelPlugin, type PanelProps } from '@grafana/data'

const MAX_ROWS = 5

const show = (field: Field, value: unknown) => formattedValueToString((field.display ?? getDisplayProcessor())(value))

/** The newest rows of each frame, formatted by its field configuration. */
function Frames({ data }: { data: PanelData }) {
  return (
    <>
      {data.series.map((frame, index) => (
        <table key={frame.name ?? index}>
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
function Panel({ data, title }: PanelProps) {
  return (
    <div
      data-panel={title}
      data-state={data.state}
      data-error={data.errors?.[0]?.message ?? ''}
      style={{ height: '100%', overflow: 'auto' }}
    >
      <Frames data={data} />
    </div>
  )
}

export function makePanelPlugin(id: string): PanelPlugin {
  // biome-ignore lint/correctness/useHookAtTopLevel: a method of Grafana's plugin builder, not a hook.
  const plugin = new PanelPlugin(Panel).useFieldConfig()
  plugin.meta = { id, name: id, type: 'panel', info: { logos: { small: '', large: '' } } } as never
  return plugin
}
