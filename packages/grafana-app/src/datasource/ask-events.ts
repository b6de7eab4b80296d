/** A question of kind `events`: annotations. */
import type { ScopedVars } from '@grafana/data'
import type { Question } from '../data/answer-client.ts'
import { type Frame, makeFrame } from '../data/frames/frame.ts'
import { t } from '../t.ts'
import type { PanelRange } from './asked-range.ts'
import { EVENT_SOURCES, type Event, findEvents } from './events.ts'
import { expandNames, expandParams, type Replace } from './interpolate.ts'
import type { EventQuery } from './query.ts'
import type { QueryFault } from './query-fault.ts'

/** Why the query cannot be asked, or undefined. */
export function findEventFault({ event }: EventQuery): QueryFault | undefined {
  if (findEvents(event)) return undefined
  const names = Object.keys(EVENT_SOURCES).join(', ')
  return {
    field: 'event',
    message: t('fault.event', 'there are no events {{event}}; one of {{names}}', { event: JSON.stringify(event), names }),
  }
}

interface Asked {
  query: EventQuery
  range: PanelRange
  nowMs: number
  replace: Replace
  scopedVars: ScopedVars
}

export function eventQuestion({ query, range, nowMs, replace, scopedVars }: Asked): Question {
  const { path, params, ask } = EVENT_SOURCES[query.event]
  const expand = (text: string) => expandNames(text, replace, scopedVars)
  return { path, params: { ...ask(range, nowMs), ...expandParams(query.params, params, expand) } }
}

/** Columns as Grafana's annotations read them. Only events within the range, oldest first. */
export function eventFrames({ event, refId }: EventQuery, reply: unknown, range: PanelRange, nowMs: number): Frame[] {
  const source = findEvents(event)
  const events = (source?.toEvents(reply) ?? [])
    .filter(({ atMs }) => atMs >= range.fromMs && atMs <= range.toMs)
    .sort((a, b) => a.atMs - b.atMs)
  const frame = makeFrame<Event>('events', events, [
    { name: 'time', title: 'time', type: 'time', value: ({ atMs }) => atMs },
    { name: 'title', title: 'title', value: ({ title }) => title },
    { name: 'text', title: 'text', value: ({ text }) => text },
    // Grafana splits them at commas.
    { name: 'tags', title: 'tags', value: ({ tags }) => tags.map((tag) => tag.replaceAll(',', ' ')).join(',') },
  ])
  const gap = source?.describeGap(reply, range, nowMs)
  return [
    { ...frame, refId, meta: { preferredVisualisationType: 'table', ...(gap ? { notices: [{ severity: 'info', text: gap }] } : {}) } },
  ]
}
