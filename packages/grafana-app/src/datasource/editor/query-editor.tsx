import type { QueryEditorProps } from '@grafana/data'
import { InlineField, InlineFieldRow, RadioButtonGroup } from '@grafana/ui'
import type { AIWatchDataSource } from '../data-source.ts'
import { type AIWatchOptions, type AIWatchQuery, DEFAULT_QUERY } from '../query.ts'
import { AnswerEditor } from './answer-editor.tsx'
import { MetricEditor } from './metric-editor.tsx'

export type Props = QueryEditorProps<AIWatchDataSource, AIWatchQuery, AIWatchOptions>

const KINDS = [
  { label: 'Metric', value: 'metric' as const, description: 'Time series of the catalogue' },
  { label: 'Answer', value: 'answer' as const, description: 'What the pages of the app show' },
]

export function QueryEditor(props: Props) {
  const { query, onChange, onRunQuery } = props
  const kind = query.kind ?? DEFAULT_QUERY.kind
  const setKind = (chosen: AIWatchQuery['kind']) => {
    const { refId, datasource, hide } = query
    const base = { refId, datasource, hide }
    onChange(chosen === 'metric' ? { ...base, ...DEFAULT_QUERY } : { ...base, kind: 'answer', operation: 'overview', part: 'rates' })
    onRunQuery()
  }
  return (
    <>
      <InlineFieldRow>
        <InlineField label="Ask for" labelWidth={14}>
          <RadioButtonGroup options={KINDS} value={kind} onChange={setKind} />
        </InlineField>
      </InlineFieldRow>
      {query.kind === 'answer' ? (
        <AnswerEditor query={query} onChange={onChange} onRunQuery={onRunQuery} />
      ) : (
        <MetricEditor
          query={{ ...DEFAULT_QUERY, ...query, kind: 'metric' }}
          onChange={onChange}
          onRunQuery={onRunQuery}
          datasource={props.datasource}
        />
      )}
    </>
  )
}
