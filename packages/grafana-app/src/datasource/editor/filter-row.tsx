import type { Catalog } from '@aiwatch/collector/contract'
import { Button, Combobox, InlineField, InlineFieldRow, MultiCombobox } from '@grafana/ui'
import type { LabelFilter } from '../query.ts'

interface Props {
  filter: LabelFilter
  catalog: Catalog | undefined
  metric: Catalog['metrics'][number] | undefined
  /** Undefined takes the filter away. */
  onChange(filter: LabelFilter | undefined): void
}

const OPERATORS = [
  { value: '=' as const, label: 'is' },
  { value: '!=' as const, label: 'is not' },
]

function namesOf(label: string, catalog: Catalog | undefined, metric: Props['metric']): string[] {
  if (label === 'app') return catalog?.apps ?? []
  if (label === 'provider') return catalog?.providers ?? []
  if (label === 'model') return catalog?.models ?? []
  return metric?.label_values[label] ?? []
}

export function FilterRow({ filter, catalog, metric, onChange }: Props) {
  return (
    <InlineFieldRow>
      <InlineField label="Where" labelWidth={14}>
        <Combobox
          aria-label="Label"
          width={16}
          options={(metric?.labels ?? [filter.label]).map((value) => ({ value }))}
          value={filter.label}
          onChange={({ value }) => onChange({ ...filter, label: value, values: [] })}
        />
      </InlineField>
      <InlineField>
        <Combobox
          aria-label="Operator"
          width={10}
          options={OPERATORS}
          value={filter.operator}
          onChange={({ value }) => onChange({ ...filter, operator: value })}
        />
      </InlineField>
      <InlineField>
        <MultiCombobox
          aria-label="Values"
          width={40}
          createCustomValue
          placeholder="Names, or a variable such as $model"
          options={namesOf(filter.label, catalog, metric).map((value) => ({ value }))}
          value={filter.values}
          onChange={(chosen) => onChange({ ...filter, values: chosen.map(({ value }) => value) })}
        />
      </InlineField>
      <Button variant="secondary" icon="times" aria-label="Remove the filter" onClick={() => onChange(undefined)} />
    </InlineFieldRow>
  )
}
