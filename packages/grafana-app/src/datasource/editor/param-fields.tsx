import { InlineField, InlineFieldRow, Input } from '@grafana/ui'
import { t } from '../../t.ts'

interface Props {
  names: readonly string[]
  params: Record<string, string> | undefined
  onChange(params: Record<string, string>): void
  onRunQuery(): void
}

/** A field for each parameter of an answer. */
export function ParamFields({ names, params = {}, onChange, onRunQuery }: Props) {
  const set = (name: string, text: string) => {
    const { [name]: _, ...rest } = params
    onChange(text === '' ? rest : { ...rest, [name]: text })
  }
  return (
    <InlineFieldRow>
      {names.map((name) => (
        <InlineField
          key={name}
          label={name}
          labelWidth={14}
          tooltip={t('editor.params.tooltip', 'A variable such as $app may stand here.')}
        >
          <Input
            aria-label={name}
            width={20}
            value={params[name] ?? ''}
            onChange={({ currentTarget }) => set(name, currentTarget.value)}
            onBlur={onRunQuery}
          />
        </InlineField>
      ))}
    </InlineFieldRow>
  )
}
