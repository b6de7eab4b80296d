import { Button, Combobox, InlineField, InlineFieldRow, Input, MultiCombobox, Text } from '@grafana/ui'
import { useId } from 'react'
import { t } from '../../t.ts'
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

const describeMetric = (description: string, unit: string) =>
  t('editor.metric.description', '{{description}} Unit: {{unit}}.', { description, unit })

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
        <InlineField label={t('editor.metric', 'Metric')} labelWidth={LABEL_WIDTH} invalid={isInvalid('metric')}>
          <Combobox
            id={`${id}-metric`}
            width={32}
            loading={!catalog && !catalogFault}
            options={(catalog?.metrics ?? []).map(({ name, unit, description }) => ({
              value: name,
              description: describeMetric(description, unit),
            }))}
            value={query.metric}
            onChange={({ value }) => change(chooseMetric(query, value, catalog))}
          />
        </InlineField>
        <InlineField label={t('editor.aggregation', 'Aggregation')} invalid={isInvalid('aggregation')}>
          <Combobox
            id={`${id}-aggregation`}
            width={14}
            options={(metric?.aggregations ?? [query.aggregation]).map((value) => ({ value }))}
            value={query.aggregation}
            onChange={({ value }) => change({ aggregation: value })}
          />
        </InlineField>
        <InlineField label={t('editor.group-by', 'Group by')} disabled={labels.length === 0} invalid={isInvalid('groupBy')}>
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
        <InlineField label={t('editor.filter', 'Filter')} labelWidth={LABEL_WIDTH}>
          <Button
            variant="secondary"
            icon="plus"
            aria-label={t('editor.filter.add', 'Add a filter')}
            disabled={unfiltered === undefined}
            onClick={() => onChange({ ...query, filters: [...filters, { label: unfiltered ?? 'model', operator: '=', values: [] }] })}
          />
        </InlineField>
        <InlineField
          label={t('editor.step', 'Step')}
          tooltip={t('editor.step.tooltip', 'Such as 30s or 5m; empty: what fits the panel.')}
          invalid={isInvalid('step')}
        >
          <Input
            aria-label={t('editor.step', 'Step')}
            width={10}
            value={query.step ?? ''}
            placeholder={t('editor.auto', 'auto')}
            onChange={({ currentTarget }) => onChange({ ...query, step: currentTarget.value || undefined })}
            onBlur={onRunQuery}
          />
        </InlineField>
        <InlineField
          label={t('editor.limit', 'Most series')}
          tooltip={t('editor.limit.tooltip', 'The rest are added up as other.')}
          invalid={isInvalid('limit')}
        >
          <Input
            aria-label={t('editor.limit', 'Most series')}
            type="number"
            min={1}
            width={10}
            value={query.limit ?? DEFAULT_LIMIT}
            onChange={({ currentTarget }) => onChange({ ...query, limit: Number(currentTarget.value) || undefined })}
            onBlur={onRunQuery}
          />
        </InlineField>
        <InlineField label={t('editor.format', 'Format')} tooltip={t('editor.format.tooltip', 'For the panel Heatmap: a row a series.')}>
          <Combobox
            aria-label={t('editor.format', 'Format')}
            width={16}
            options={[
              { value: 'series' as const, label: t('editor.format.series', 'Time series') },
              { value: 'heatmap' as const, label: t('editor.format.heatmap', 'Heat map') },
            ]}
            value={query.format ?? 'series'}
            onChange={({ value }) => change({ format: value === 'heatmap' ? value : undefined })}
          />
        </InlineField>
        <LegendField legend={query.legend} onChange={(legend) => onChange({ ...query, legend })} onRunQuery={onRunQuery} />
      </InlineFieldRow>
      {metric && (
        <Text variant="bodySmall" color="secondary">
          {describeMetric(metric.description, metric.unit)}
        </Text>
      )}
      <FaultNote message={catalogFault} severity="error" />
      <FaultNote message={fault?.message} />
    </>
  )
}
