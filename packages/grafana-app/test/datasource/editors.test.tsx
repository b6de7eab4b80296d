// @vitest-environment jsdom
/** The editors as somebody uses them, on a catalogue like the collector's. */
import type { Catalog } from '@aiwatch/collector/contract'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { QueryEditor } from '../../src/datasource/editor/query-editor.tsx'
import { VariableEditor } from '../../src/datasource/editor/variable-editor.tsx'
import { type AIWatchQuery, DEFAULT_QUERY } from '../../src/datasource/query.ts'

const metric = (name: string, labels: string[], aggregations: string[]) => ({
  name,
  unit: '{token}',
  description: `About ${name}.`,
  labels,
  label_values: { direction: ['input', 'output'] },
  aggregations,
  kind: 'sum' as const,
  has_percentiles: false,
})
const catalog = {
  metrics: [metric('tokens', ['model', 'direction'], ['sum', 'rate']), metric('metrics:cpu:usage', [], ['avg', 'max'])],
  apps: ['shop'],
  providers: ['openai'],
  models: ['gpt-4o', 'gpt-4o-mini'],
} as unknown as Catalog

/** Lists measure their texts, which have no size in jsdom. */
beforeAll(() => {
  HTMLCanvasElement.prototype.getContext = (() => ({ measureText: () => ({ width: 10 }) })) as never
})
afterEach(cleanup)

interface HostProps {
  begin: AIWatchQuery
  askCatalog(): Promise<Catalog>
  onChange(query: AIWatchQuery): void
  onRunQuery(): void
}

/** Keeps the query, as Grafana does. */
function Host({ begin, askCatalog, onChange, onRunQuery }: HostProps) {
  const [query, setQuery] = useState(begin)
  const [datasource] = useState({ catalog: askCatalog } as never)
  const keep = (changed: AIWatchQuery) => {
    onChange(changed)
    setQuery(changed)
  }
  return <QueryEditor query={query} datasource={datasource} onChange={keep} onRunQuery={onRunQuery} />
}

const show = (begin: Partial<AIWatchQuery>, askCatalog = async () => catalog) => {
  const changes: AIWatchQuery[] = []
  const onRunQuery = vi.fn()
  const whole = { refId: 'A', ...begin } as AIWatchQuery
  render(<Host begin={whole} askCatalog={askCatalog} onChange={(query) => changes.push(query)} onRunQuery={onRunQuery} />)
  return { changes, onRunQuery }
}

/** By the keyboard: the entries of a list are drawn only where there is a screen. */
function choose(label: string, text: string) {
  const field = screen.getByRole('combobox', { name: label })
  fireEvent.click(field)
  fireEvent.change(field, { target: { value: text } })
  fireEvent.keyDown(field, { key: 'Enter' })
}

test('a metric brings its aggregations and labels, and drops what it does not have', async () => {
  const { changes, onRunQuery } = show(DEFAULT_QUERY)
  await screen.findByText('About tokens. Unit: {token}.')
  choose('Metric', 'metrics:cpu')
  expect(changes.at(-1)).toMatchObject({ metric: 'metrics:cpu:usage', aggregation: 'avg', groupBy: [], filters: [] })
  expect(onRunQuery).toHaveBeenCalled()
  expect(screen.queryByRole('alert')).toBeNull()
  choose('Aggregation', 'max')
  expect(changes.at(-1)).toMatchObject({ aggregation: 'max' })
})

test('a filter completes labels and their values, and can ask for absence', async () => {
  const { changes } = show(DEFAULT_QUERY)
  await screen.findByText('About tokens. Unit: {token}.')
  fireEvent.click(screen.getByLabelText('Add a filter'))
  expect(changes.at(-1)).toMatchObject({ filters: [{ label: 'model', operator: '=', values: [] }] })
  choose('Where', 'direction')
  const names = screen.getByRole('combobox', { name: 'Names' })
  fireEvent.click(names)
  fireEvent.change(names, { target: { value: 'outp' } })
  fireEvent.keyDown(names, { key: 'ArrowDown' })
  fireEvent.keyDown(names, { key: 'ArrowDown' })
  fireEvent.keyDown(names, { key: 'Enter' })
  expect(changes.at(-1)).toMatchObject({ filters: [{ label: 'direction', operator: '=', values: ['output'] }] })
  choose('Operator', 'is absent')
  expect(changes.at(-1)).toMatchObject({ filters: [{ label: 'direction', operator: 'absent', values: [] }] })
  expect(screen.queryByLabelText('Names')).toBeNull()
})

test('what is wrong is said under the fields', async () => {
  show({ ...DEFAULT_QUERY, groupBy: ['user'] })
  expect((await screen.findByRole('alert')).textContent).toContain('tokens has no label "user"; it has model, direction')
})

test('without a catalogue it says why', async () => {
  show(DEFAULT_QUERY, async () => {
    throw new Error('Grafana cannot reach the collector (502).')
  })
  expect((await screen.findByRole('alert')).textContent).toContain('cannot reach the collector')
})

test.each([
  ['Answer', { kind: 'answer', operation: 'overview', part: 'rates' }],
  ['Events', { kind: 'events', event: 'new_errors' }],
  ['Raw', { kind: 'raw', body: expect.stringContaining('$__interval') }],
])('%s: another kind begins with a query that can be asked', (kind, begin) => {
  const { changes } = show(DEFAULT_QUERY)
  fireEvent.click(screen.getByRole('radio', { name: kind }))
  expect(changes.at(-1)).toEqual({ refId: 'A', datasource: undefined, hide: undefined, ...begin })
  expect(screen.queryByRole('alert')).toBeNull()
})

test('events: the filters are those of the kind', () => {
  const { changes } = show({ kind: 'events', event: 'new_errors' })
  fireEvent.change(screen.getByLabelText('app'), { target: { value: '$app' } })
  expect(changes.at(-1)).toMatchObject({ params: { app: '$app' } })
  choose('Events', 'New users')
  expect(changes.at(-1)).toMatchObject({ event: 'new_users', params: {} })
  expect(screen.queryByLabelText('app')).toBeNull()
  expect(screen.getByLabelText('search')).toBeDefined()
})

test('raw: a body that is no JSON is said', () => {
  show({ kind: 'raw', body: '{' })
  expect(screen.getByRole('alert').textContent).toContain('not the JSON of a query')
})

const showVariable = (query: unknown) => {
  const onChange = vi.fn()
  render(<VariableEditor datasource={{} as never} query={query as never} onChange={onChange} onRunQuery={() => {}} />)
  return onChange
}

test('variables: a kind is chosen from the list', () => {
  const onChange = showVariable('')
  expect(screen.queryByRole('alert')).toBeNull()
  choose('Names of', 'models')
  expect(onChange).toHaveBeenCalledWith({ refId: 'names', query: 'models' })
})

test.each([['users'], [{ refId: 'x', of: 'users' }], [{ refId: 'names', query: 'users' }]])('variables: %o is read', (stored) => {
  showVariable(stored)
  expect(screen.getByLabelText('Names of')).toHaveProperty('value', 'users')
  expect(screen.queryByRole('alert')).toBeNull()
})

test('variables: what is no kind is said', () => {
  showVariable('colours')
  expect(screen.getByRole('alert').textContent).toContain('got "colours"')
})
