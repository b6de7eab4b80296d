import type { QueryEditorProps } from '@grafana/data'
import { InlineField, InlineFieldRow, RadioButtonGroup } from '@grafana/ui'
import { t } from '../../t.ts'
import type { AIWatchDataSource } from '../data-source.ts'
import { type AIWatchOptions, type AIWatchQuery, DEFAULT_EVENTS, DEFAULT_QUERY, DEFAULT_RAW_BODY } from '../query.ts'
import { AnswerEditor } from './answer-editor.tsx'
import { EventEditor } from './event-editor.tsx'
import { MetricEditor } from './metric-editor.tsx'
import { RawEditor } from './raw-editor.tsx'

export type Props = QueryEditorProps<AIWatchDataSource, AIWatchQuery, AIWatchOptions>
type Kind = AIWatchQuery['kind']

const listKinds = () => [
  {
    label: t('editor.metric', 'Metric'),
    value: 'metric' as const,
    description: t('editor.kind.metric', 'Time series of the catalogue'),
  },
  { label: t('editor.answer', 'Answer'), value: 'answer' as const, description: t('editor.kind.answer', 'What the pages of the app show') },
  {
    label: t('editor.events', 'Events'),
    value: 'events' as const,
    description: t('editor.kind.events', 'Annotations: what happened when'),
  },
  { label: t('editor.raw', 'Raw'), value: 'raw' as const, description: t('editor.kind.raw', 'The body of POST /v1/query as JSON') },
]

/** What a query of the kind begins with. */
function startOf(kind: Kind, base: Pick<AIWatchQuery, 'refId' | 'datasource' | 'hide'>): AIWatchQuery {
  if (kind === 'answer') return { ...base, kind, operation: 'overview', part: 'rates' }
  if (kind === 'events') return { ...base, ...DEFAULT_EVENTS }
  return kind === 'raw' ? { ...base, kind, body: DEFAULT_RAW_BODY } : { ...base, ...DEFAULT_QUERY }
}

function KindEditor({ query, onChange, onRunQuery, datasource }: Props) {
  if (query.kind === 'answer') return <AnswerEditor query={query} onChange={onChange} onRunQuery={onRunQuery} />
  if (query.kind === 'events') return <EventEditor query={query} onChange={onChange} onRunQuery={onRunQuery} />
  if (query.kind === 'raw') return <RawEditor query={query} onChange={onChange} onRunQuery={onRunQuery} />
  const whole = { ...DEFAULT_QUERY, ...query, kind: 'metric' as const }
  return <MetricEditor query={whole} onChange={onChange} onRunQuery={onRunQuery} datasource={datasource} />
}

export function QueryEditor(props: Props) {
  const { query, onChange, onRunQuery } = props
  const setKind = (kind: Kind) => {
    const { refId, datasource, hide } = query
    onChange(startOf(kind, { refId, datasource, hide }))
    onRunQuery()
  }
  return (
    <>
      <InlineFieldRow>
        <InlineField label={t('editor.kind', 'Ask for')} labelWidth={14}>
          <RadioButtonGroup options={listKinds()} value={query.kind ?? DEFAULT_QUERY.kind} onChange={setKind} />
        </InlineField>
      </InlineFieldRow>
      <KindEditor {...props} />
    </>
  )
}
