import { CodeEditor, type CodeEditorSuggestionItem, CodeEditorSuggestionItemKind, InlineFieldRow } from '@grafana/ui'
import { t } from '../../t.ts'
import { findRawFault } from '../ask-raw.ts'
import type { AIWatchQuery, RawQuery } from '../query.ts'
import { FaultNote } from './fault-note.tsx'
import { LegendField } from './legend-field.tsx'

interface Props {
  query: RawQuery
  onChange(query: AIWatchQuery): void
  onRunQuery(): void
}

const HEIGHT = 220

const listVariables = (): Record<string, string> => ({
  $__from: t('editor.raw.from', 'Start of the range, milliseconds since the epoch'),
  $__to: t('editor.raw.to', 'End of the range, milliseconds since the epoch'),
  $__interval: t('editor.raw.interval', 'What the panel has room for, such as 30s'),
  $__interval_ms: t('editor.raw.interval-ms', 'The same in milliseconds'),
})

const suggestVariables = (): CodeEditorSuggestionItem[] =>
  Object.entries(listVariables()).map(([label, detail]) => ({ label, detail, kind: CodeEditorSuggestionItemKind.Constant }))

export function RawEditor({ query, onChange, onRunQuery }: Props) {
  const setBody = (body: string) => {
    if (body === query.body) return
    onChange({ ...query, body })
    onRunQuery()
  }
  return (
    <>
      <CodeEditor
        language="json"
        height={HEIGHT}
        showMiniMap={false}
        showLineNumbers
        value={query.body}
        getSuggestions={suggestVariables}
        onBlur={setBody}
        onSave={setBody}
      />
      <InlineFieldRow>
        <LegendField legend={query.legend} labelWidth={14} onChange={(legend) => onChange({ ...query, legend })} onRunQuery={onRunQuery} />
      </InlineFieldRow>
      <FaultNote message={findRawFault(query)?.message} />
    </>
  )
}
