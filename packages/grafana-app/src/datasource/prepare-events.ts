/** An annotation of a dashboard as it is stored, old or new. */
import type { AnnotationQuery } from '@grafana/data'
import { type AIWatchQuery, DEFAULT_EVENTS } from './query.ts'

/** The query is in `target`; a new annotation has none yet, or one without a kind. */
export function prepareEvents(annotation: AnnotationQuery<AIWatchQuery>): AnnotationQuery<AIWatchQuery> {
  const target: Partial<AIWatchQuery> = annotation.target ?? {}
  if (target.kind) return annotation
  return { ...annotation, target: { ...DEFAULT_EVENTS, refId: target.refId ?? 'Anno' } }
}
