import { InlineField, Input } from '@grafana/ui'

interface LegendFieldProps {
  legend: string | undefined
  labelWidth?: number
  onChange(legend: string | undefined): void
  onRunQuery(): void
}

/** How series are named. */
export function LegendField({ legend, labelWidth, onChange, onRunQuery }: LegendFieldProps) {
  return (
    <InlineField label="Legend" labelWidth={labelWidth} tooltip="Labels in double braces, such as {{model}}.">
      <Input
        aria-label="Legend"
        width={24}
        value={legend ?? ''}
        placeholder="auto"
        onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}
        onBlur={onRunQuery}
      />
    </InlineField>
  )
}
