import type { Catalog } from '@aiwatch/collector/contract'
import { Button, Combobox, InlineField, InlineFieldRow, MultiCombobox } from '@grafana/ui'
import { useId } from 'react'
import { t } from '../../t.ts'
import { type LabelFilter, takesNames } from '../query.ts'

interface Props {
  filter: LabelFilter
  catalog: Catalog | undefined
  metric: Catalog['metrics'][number] | undefined
  isInvalid: boolean
  /** Undefined takes the filter away. */
  onChange(filter: LabelFilter | undefined): void
}

const listOperators = () => [
  { value: '=' as const, label: t('editor.operator.is', 'is') },
  { value: '!=' as const, label: t('editor.operator.is-not', 'is not') },
  {
    value: 'absent' as const,
    label: t('editor.operator.absent', 'is absent'),
    description: t('editor.operator.absent.description', 'Calls that named no app, provider or model count as unknown'),
  },
  { value: 'present' as const, label: t('editor.operator.present', 'is there') },
]

function namesOf(label: string, catalog: Catalog | undefined, metric: Props['metric']): string[] {
  if (label === 'app') return catalog?.apps ?? []
  if (label === 'provider') return catalog?.providers ?? []
  if (label === 'model') return catalog?.models ?? []
  return metric?.label_values[label] ?? []
}

export function FilterRow({ filter, catalog, metric, isInvalid, onChange }: Props) {
  const id = useId()
  return (
    <InlineFieldRow>
      <InlineField label={t('editor.where', 'Where')} labelWidth={14} invalid={isInvalid}>
        <Combobox
          id={`${id}-label`}
          width={16}
          options={(metric?.labels ?? [filter.label]).map((value) => ({ value }))}
          value={filter.label}
          onChange={({ value }) => onChange({ ...filter, label: value, values: [] })}
        />
      </InlineField>
      <span id={`${id}-operator`} hidden>
        {t('editor.operator', 'Operator')}
      </span>
      <InlineField>
        <Combobox
          aria-labelledby={`${id}-operator`}
          width={14}
          options={listOperators()}
          value={filter.operator}
          onChange={({ value }) => {
            const changed = { ...filter, operator: value }
            onChange(takesNames(changed) ? changed : { ...changed, values: [] })
          }}
        />
      </InlineField>
      {takesNames(filter) && (
        <InlineField label={t('editor.names', 'Names')}>
          <MultiCombobox
            id={`${id}-names`}
            width={40}
            createCustomValue
            placeholder={t('editor.names.placeholder', 'Choose, or a variable such as $model')}
            options={namesOf(filter.label, catalog, metric).map((value) => ({ value }))}
            value={filter.values}
            onChange={(chosen) => onChange({ ...filter, values: chosen.map(({ value }) => value) })}
          />
        </InlineField>
      )}
      <Button
        variant="secondary"
        icon="times"
        aria-label={t('editor.filter.remove', 'Remove the filter')}
        onClick={() => onChange(undefined)}
      />
    </InlineFieldRow>
  )
}
