import { InlineField, Input } from '@grafana/ui'
import { t } from '../../t.ts'

interface LegendFieldProps {
  legend: string | undefined
  labelWidth?: number
  onChange(legend: string | undefined): void
  onRunQuery(): void
}

/** How series are named. */
export function LegendField({ legend, labelWidth, onChange, onRunQuery }: LegendFieldProps) {
  return (
    <InlineField
      label={t('editor.legend', 'Legend')}
      labelWidth={labelWidth}
      tooltip={t('editor.legend.tooltip', 'Labels in double braces, such as {{example}}.', { example: '{{model}}' })}
    >
      <Input
        aria-label={t('editor.legend', 'Legend')}
        width={24}
        value={legend ?? ''}
        placeholder={t('editor.auto', 'auto')}
        onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}
        onBlur={onRunQuery}
      />
    </InlineField>
  )
}
