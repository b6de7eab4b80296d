import type { Catalog } from '@aiwatch/collector/contract'
import { Alert, Button, Combobox, InlineField, InlineFieldRow, Input, MultiCombobox } from '@grafana/ui'
import { useEffect, useState } from 'react'
import { checkMetricQuery, DEFAULT_LIMIT } from '../ask-metric.ts'
import type { AIWatchDataSource } from '../data-source.ts'
import type { AIWatchQuery, MetricQuery } from '../query.ts'
import { FilterRow } from './filter-row.tsx'

interface Props {
  query: MetricQuery
  datasource: AIWatchDataSource
  onChange(query: AIWatchQuery): void
  onRunQuery(): void
}

const LABEL_WIDTH = 14

/** The catalogue of the collector, or why there is none. */
function useCatalog(datasource: AIWatchDataSource): { catalog?: Catalog; fault?: string } {
  const [state, setState] = useState<{ catalog?: Catalog; fault?: string }>({})
  useEffect(() => {
    let isGone = false
    datasource.catalog().then(
      (catalog) => isGone || setState({ catalog }),
      (error: Error) => isGone || setState({ fault: error.message }),
    )
    return () => {
      isGone = true
    }
  }, [datasource])
  return state
}

export function MetricEditor({ query, datasource, onChange, onRunQuery }: Props) {
  const { catalog, fault: catalogFault } = useCatalog(datasource)
  const metric = catalog?.metrics.find(({ name }) => name === query.metric)
  const labels = metric?.labels ?? []
  const filters = query.filters ?? []
  const change = (changed: Partial<MetricQuery>) => {
    onChange({ ...query, ...changed })
    onRunQuery()
  }
  const chooseMetric = (name: string) => {
    const chosen = catalog?.metrics.find((one) => one.name === name)
    const keeps = (label: string) => chosen?.labels.includes(label) ?? true
    change({
      metric: name,
      aggregation: chosen?.aggregations.includes(query.aggregation) === false ? (chosen.aggregations[0] ?? 'sum') : query.aggregation,
      filters: filters.filter(({ label }) => keeps(label)),
      groupBy: (query.groupBy ?? []).filter(keeps),
    })
  }
  const setFilter = (index: number, filter: (typeof filters)[number] | undefined) =>
    change({ filters: filters.flatMap((one, at) => (at === index ? (filter ? [filter] : []) : [one])) })
  const fault = catalogFault ?? checkMetricQuery(query, catalog)
  return (
    <>
      <InlineFieldRow>
        <InlineField label="Metric" labelWidth={LABEL_WIDTH}>
          <Combobox
            aria-label="Metric"
            width={32}
            loading={!catalog && !catalogFault}
            options={(catalog?.metrics ?? []).map(({ name, description }) => ({ value: name, description }))}
            value={query.metric}
            onChange={({ value }) => chooseMetric(value)}
          />
        </InlineField>
        <InlineField label="Aggregation">
          <Combobox
            aria-label="Aggregation"
            width={14}
            options={(metric?.aggregations ?? [query.aggregation]).map((value) => ({ value }))}
            value={query.aggregation}
            onChange={({ value }) => change({ aggregation: value })}
          />
        </InlineField>
        <InlineField label="Group by" disabled={labels.length === 0}>
          <MultiCombobox
            aria-label="Group by"
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
          onChange={(changed) => setFilter(index, changed)}
        />
      ))}
      <InlineFieldRow>
        <InlineField label="Filter" labelWidth={LABEL_WIDTH}>
          <Button
            variant="secondary"
            icon="plus"
            aria-label="Add a filter"
            disabled={labels.length === 0}
            onClick={() => onChange({ ...query, filters: [...filters, { label: labels[0] ?? 'model', operator: '=', values: [] }] })}
          />
        </InlineField>
        <InlineField label="Step" tooltip="Such as 30s or 5m; empty: what fits the panel.">
          <Input
            aria-label="Step"
            width={10}
            value={query.step ?? ''}
            placeholder="auto"
            onChange={({ currentTarget }) => onChange({ ...query, step: currentTarget.value || undefined })}
            onBlur={onRunQuery}
          />
        </InlineField>
        <InlineField label="Most series" tooltip="The rest are added up as other.">
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
        <InlineField label="Legend" tooltip="Labels in double braces, such as {{model}}.">
          <Input
            aria-label="Legend"
            width={24}
            value={query.legend ?? ''}
            placeholder="auto"
            onChange={({ currentTarget }) => onChange({ ...query, legend: currentTarget.value || undefined })}
            onBlur={onRunQuery}
          />
        </InlineField>
      </InlineFieldRow>
      {fault && <Alert severity={catalogFault ? 'error' : 'warning'} title={fault} />}
    </>
  )
}
