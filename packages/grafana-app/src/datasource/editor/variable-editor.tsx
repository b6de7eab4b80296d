import type { QueryEditorProps } from '@grafana/data'
import { Combobox, InlineField } from '@grafana/ui'
import { useId } from 'react'
import { t } from '../../t.ts'
import type { AIWatchDataSource } from '../data-source.ts'
import { NAME_KINDS, type NameKind, type NameQuery, readNameKind } from '../find-names.ts'
import type { AIWatchOptions, AIWatchQuery } from '../query.ts'
import { FaultNote } from './fault-note.tsx'

type Props = QueryEditorProps<AIWatchDataSource, AIWatchQuery, AIWatchOptions, NameQuery>

const listDescriptions = (): Record<NameKind, string> => ({
  apps: t('editor.names-of.apps', 'Programs that were seen'),
  providers: t('editor.names-of.providers', 'Providers that were called'),
  models: t('editor.names-of.models', 'Models that were called'),
  tags: t('editor.names-of.tags', 'Names of tags with cost in the last 24 hours'),
  users: t('editor.names-of.users', 'The 200 users with most tokens in the last 7 days'),
})

function listKinds() {
  const descriptions = listDescriptions()
  return NAME_KINDS.map((value) => ({ value, description: descriptions[value] }))
}

/** The kind that is stored, also as a text; or why it is none. A new variable has none yet. */
function readStored(query: unknown): { kind?: NameKind; fault?: string } {
  const isNew =
    query === undefined || query === '' || (typeof query === 'object' && query !== null && !('of' in query) && !('query' in query))
  if (isNew) return {}
  try {
    return { kind: readNameKind(query) }
  } catch (error) {
    return { fault: (error as Error).message }
  }
}

export function VariableEditor({ query, onChange }: Props) {
  const id = useId()
  const { kind, fault } = readStored(query)
  const choose = (chosen: NameKind) => onChange({ refId: 'names', query: chosen })
  return (
    <>
      <InlineField label={t('editor.names-of', 'Names of')} labelWidth={14}>
        <Combobox
          id={id}
          width={40}
          placeholder={t('editor.choose', 'Choose')}
          options={listKinds()}
          value={kind ?? null}
          onChange={({ value }) => choose(value)}
        />
      </InlineField>
      <FaultNote message={fault} />
    </>
  )
}
