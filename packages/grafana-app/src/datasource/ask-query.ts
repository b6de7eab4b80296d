/** Any query: whether it can be asked, and its answer as frames. */
import type { QueryReply } from '@aiwatch/collector/contract'
import type { ScopedVars } from '@grafana/data'
import { map, type Observable } from 'rxjs'
import type { AnswerClient } from '../data/answer-client.ts'
import { type Frame, withNotices } from '../data/frames/frame.ts'
import { answerFrames, answerQuestion, findAnswerFault } from './ask-answer.ts'
import { eventFrames, eventQuestion, findEventFault } from './ask-events.ts'
import { findMetricFault, heatmapFrames, metricFrames, metricQuestion } from './ask-metric.ts'
import { findRawFault, rawFrames, rawQuestion } from './ask-raw.ts'
import type { PanelRange } from './asked-range.ts'
import type { Replace } from './interpolate.ts'
import type { AIWatchQuery } from './query.ts'
import type { QueryFault } from './query-fault.ts'
import { withinRetention } from './within-retention.ts'

/** What a panel gives beside the query. */
export interface Asking {
  range: PanelRange
  /** What the panel has room for, milliseconds. */
  intervalMs: number
  replace: Replace
  scopedVars: ScopedVars
}

/** What is wrong with the query as it stands, or undefined. */
export function findFault(query: AIWatchQuery): QueryFault | undefined {
  if (query.kind === 'answer') return findAnswerFault(query)
  if (query.kind === 'events') return findEventFault(query)
  return query.kind === 'raw' ? findRawFault(query) : findMetricFault(query)
}

/** The query must have no fault. */
export function askQuery(client: AnswerClient, query: AIWatchQuery, asking: Asking): Observable<Frame[]> {
  if (query.kind === 'answer') {
    const asked = answerQuestion(query, asking.range, asking.replace, asking.scopedVars)
    const { question, notice } = withinRetention(asked, asking.range, Date.now())
    return client.ask(question).pipe(map((reply) => withNotices(answerFrames(query, reply), notice === undefined ? [] : [notice])))
  }
  if (query.kind === 'raw') {
    const question = rawQuestion({ query, ...asking })
    return client.ask<QueryReply>(question).pipe(map((reply) => rawFrames(query, question.body, reply)))
  }
  if (query.kind === 'events') {
    const asked = { ...asking, query, nowMs: Date.now() }
    return client.ask(eventQuestion(asked)).pipe(map((reply) => eventFrames(query, reply, asked.range, asked.nowMs)))
  }
  const question = metricQuestion({ query, ...asking })
  const toFrames = (reply: QueryReply) =>
    query.format === 'heatmap' ? heatmapFrames(query, question, asking.range, reply) : metricFrames(query, reply)
  return client.ask<QueryReply>(question).pipe(map(toFrames))
}
