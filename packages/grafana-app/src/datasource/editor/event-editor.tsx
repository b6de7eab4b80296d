import { Combobox, InlineField, InlineFieldRow } from '@grafana/ui'
import { useId } from 'react'
import { t } from '../../t.ts'
import { findEventFault } from '../ask-events.ts'
import { EVENT_SOURCES, type EventKind, findEvents } from '../events.ts'
import type { AIWatchQuery, EventQuery } from '../query.ts'
import { FaultNote } from './fault-note.tsx'
import { ParamFields } from './param-fields.tsx'

interface Props {
  query: EventQuery
  onChange(query: AIWatchQuery): void
  onRunQuery(): void
}

const listKinds = () =>
  (Object.keys(EVENT_SOURCES) as EventKind[]).map((value) => ({
    value,
    label: EVENT_SOURCES[value].title(),
    description: EVENT_SOURCES[value].description(),
  }))

export function EventEditor({ query, onChange, onRunQuery }: Props) {
  const id = useId()
  const setEvent = (event: EventKind) => {
    onChange({ ...query, event, params: {} })
    onRunQuery()
  }
  return (
    <>
      <InlineFieldRow>
        <InlineField label={t('editor.events', 'Events')} labelWidth={14} tooltip={findEvents(query.event)?.description() ?? ''}>
          <Combobox id={id} width={40} options={listKinds()} value={query.event} onChange={({ value }) => setEvent(value)} />
        </InlineField>
      </InlineFieldRow>
      <ParamFields
        names={findEvents(query.event)?.params ?? []}
        params={query.params}
        onChange={(params) => onChange({ ...query, params })}
        onRunQuery={onRunQuery}
      />
      <FaultNote message={findEventFault(query)?.message} />
    </>
  )
}
