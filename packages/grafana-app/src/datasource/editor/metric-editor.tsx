import { Button, Combobox, InlineField, InlineFieldRow, Input, MultiCombobox, Text } from '@grafana/ui'
import { useId } from 'react'
import { DEFAULT_LIMIT, findMetricFault } from '../ask-metric.ts'
import { chooseMetric } from '../choose-metric.ts'
import type { AIWatchDataSource } from '../data-source.ts'
import type { AIWatchQuery, MetricQuery } from '../query.ts'
import type { QueryField } from '../query-fault.ts'
import { FaultNote } from './fault-note.tsx'
import { FilterRow } from './filter-row.tsx'
import { LegendField } from './legend-field.tsx'
import { useCatalog } from './use-catalog.ts'

interface Props {
  query: MetricQuery
  datasource: AIWatchDataSource
  onChange(query: AIWatchQuery): void
  onRunQuery(): void
}

const LABEL_WIDTH = 14

export function MetricEditor({ query, datasource, onChange, onRunQuery }: Props) {
  const id = useId()
  const { catalog, fault: catalogFault } = useCatalog(datasource)
  const metric = catalog?.metrics.find(({ name }) => name === query.metric)
  const labels = metric?.labels ?? []
  const filters = query.filters ?? []
  const unfiltered = labels.find((label) => !filters.some((filter) => filter.label === label))
  const change = (changed: Partial<MetricQuery>) => {
    onChange({ ...query, ...changed })
    onRunQuery()
  }
  const setFilter = (index: number, filter: (typeof filters)[number] | undefined) =>
    change({ filters: filters.flatMap((one, at) => (at === index ? (filter ? [filter] : []) : [one])) })
  const fault = findMetricFault(query, catalog)
  const isInvalid = (field: QueryField) => fault?.field === field
  return (
    <>
      <InlineFieldRow>
        <InlineField label="Metric" labelWidth={LABEL_WIDTH} invalid={isInvalid('metric')}>
          <Combobox
            id={`${id}-metric`}
            width={32}
            loading={!catalog && !catalogFault}
            options={(catalog?.metrics ?? []).map(({ name, unit, description }) => ({
              value: name,
              description: `${description} Unit: ${unit}.`,
            }))}
            value={query.metric}
            onChange={({ value }) => change(chooseMetric(query, value, catalog))}
          />
        </InlineField>
        <InlineField label="Aggregation" invalid={isInvalid('aggregation')}>
          <Combobox
            id={`${id}-aggregation`}
            width={14}
            options={(metric?.aggregations ?? [query.aggregation]).map((value) => ({ value }))}
            value={query.aggregation}
            onChange={({ value }) => change({ aggregation: value })}
          />
        </InlineField>
        <InlineField label="Group by" disabled={labels.length === 0} invalid={isInvalid('groupBy')}>
          <MultiCombobox
            id={`${id}-groups`}
            width={32}
            options={labels.map((value) => ({ value }))}
            value={query.groupBy ?? []}
            onChange={(chosen) => change({ groupBy: chosen.map(({ value }) => value) })}
          />
        </InlineField>
      </InlineFieldRow>
      {filters.map((filter, index) => (
        <FilterRow
          // biome-ignore lint/suspicious/noArrayIndexKey: a key of the values would close an open list at each choice
          key={`${index}:${filter.label}`}
          filter={filter}
          catalog={catalog}
          metric={metric}
          isInvalid={isInvalid('filters')}
          onChange={(changed) => setFilter(index, changed)}
        />
      ))}
      <InlineFieldRow>
        <InlineField label="Filter" labelWidth={LABEL_WIDTH}>
          <Button
            variant="secondary"
            icon="plus"
            aria-label="Add a filter"
            disabled={unfiltered === undefined}
            onClick={() => onChange({ ...query, filters: [...filters, { label: unfiltered ?? 'model', operator: '=', values: [] }] })}
          />
        </InlineField>
        <InlineField label="Step" tooltip="Such as 30s or 5m; empty: what fits the panel." invalid={isInvalid('step')}>
          <Input
            aria-label="Step"
            width={10}
            value={query.step ?? ''}
            placeholder="auto"
            onChange={({ currentTarget }) => onChange({ ...query, step: currentTarget.value || undefined })}
            onBlur={onRunQuery}
          />
        </InlineField>
        <InlineField label="Most series" tooltip="The rest are added up as other." invalid={isInvalid('limit')}>
          <Input
            aria-label="Most series"
            type="number"
            min={1}
            width={10}
            value={query.limit ?? DEFAULT_LIMIT}
            onChange={({ currentTarget }) => onChange({ ...query, limit: Number(currentTarget.value) || undefined })}
            onBlur={onRunQuery}
          />
        </InlineField>
        <LegendField legend={query.legend} onChange={(legend) => onChange({ ...query, legend })} onRunQuery={onRunQuery} />
      </InlineFieldRow>
      {metric && (
        <Text variant="bodySmall" color="secondary">
          {`${metric.description} Unit: ${metric.unit}.`}
        </Text>
      )}
      <FaultNote message={catalogFault} severity="error" />
      <FaultNote message={fault?.message} />
    </>
  )
}
