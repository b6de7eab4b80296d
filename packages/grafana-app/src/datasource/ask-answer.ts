/** A question of kind `answer`: the request for its reply, and its part of it. */
import type { ScopedVars } from '@grafana/data'
import type { Question } from '../data/answer-client.ts'
import { ANSWERS, findPart, isAnswerOperation } from '../data/frames/answer-parts.ts'
import type { Column, Frame } from '../data/frames/frame.ts'
import { t } from '../t.ts'
import type { AskedRange } from './asked-range.ts'
import { expandNames, expandParams, type Replace } from './interpolate.ts'
import type { AnswerQuery } from './query.ts'
import type { QueryFault } from './query-fault.ts'

/** Why the query cannot be asked, or undefined. */
export function findAnswerFault({ operation, part, id }: AnswerQuery): QueryFault | undefined {
  if (!isAnswerOperation(operation)) {
    const names = Object.keys(ANSWERS).join(', ')
    const answer = JSON.stringify(operation)
    return { field: 'operation', message: t('fault.answer', 'there is no answer {{answer}}; one of {{names}}', { answer, names }) }
  }
  if (!findPart(operation, part)) {
    const names = Object.keys(ANSWERS[operation].parts).join(', ')
    const values = { operation, part: JSON.stringify(part), names }
    return { field: 'part', message: t('fault.part', '{{operation}} has no part {{part}}; one of {{names}}', values) }
  }
  if (ANSWERS[operation].path.includes('{id}') && !id) {
    return { field: 'id', message: t('fault.id', '{{operation}} needs the name of one', { operation }) }
  }
  return undefined
}

export const checkAnswerQuery = (query: AnswerQuery): string | undefined => findAnswerFault(query)?.message

export function answerQuestion(query: AnswerQuery, range: AskedRange, replace: Replace, scopedVars: ScopedVars): Question {
  const { path, hasWindow, params: known } = ANSWERS[query.operation]
  const expand = (text: string) => expandNames(text, replace, scopedVars)
  const params = { ...(hasWindow ? { from: range.from, to: range.to } : {}), ...expandParams(query.params, known, expand) }
  const id = expand(query.id ?? '')[0] ?? ''
  return { path: path.replace('{id}', encodeURIComponent(id)), params }
}

export function answerFrames({ operation, part, fields, refId }: AnswerQuery, reply: unknown): Frame[] {
  const frames = findPart(operation, part)?.toFrames(reply) ?? []
  if (!fields) return frames.map((frame) => ({ ...frame, refId }))
  // The axis of time stays whatever is chosen.
  const isShown = ({ name, type }: Column, index: number) => fields.includes(name) || (index === 0 && type === 'time')
  return frames.map((frame) => ({ ...frame, refId, fields: frame.fields.filter(isShown) }))
}
