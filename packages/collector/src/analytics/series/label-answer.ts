/** The answer to a question by labels. */
import { invalid } from '../../errors.ts'
import type { Combine } from './combine-members.ts'
import type { DataPoint } from './data-point.ts'
import { groupMembers } from './group-members.ts'
import type { AnswerNotes, Labels } from './planned-query.ts'
import { defaultRanking, rankSeries } from './rank-series.ts'
import type { Member } from './read-members.ts'
import type { LabelQuery, QueryLimits } from './series-query.ts'

export interface LabelAnswer extends AnswerNotes {
  metric: string
  series: { labels: Labels; data: DataPoint[] }[]
  /** The series that are not among the top, made one; absent when there are none. */
  other?: { series: number; data: DataPoint[] }
}

export interface AnswerParts<Value> {
  query: LabelQuery
  limits: QueryLimits
  notes: AnswerNotes
  members: readonly Member<Value>[]
  combine: Combine<Value>
}

function assertSeries(found: number, { limit, groupBy }: LabelQuery): void {
  if (found <= limit) return
  const ways = `narrow the filter, ${groupBy ? '' : 'give group_by, '}give top_k, or raise limit`
  throw invalid('limit', `${found} series match, at most ${limit} are answered: ${ways}`)
}

function assertTotalPoints({ series, other }: LabelAnswer, { bucketMs }: LabelQuery, { maxPoints }: QueryLimits): void {
  const points = series.reduce((total, { data }) => total + data.length, other?.data.length ?? 0)
  if (points <= maxPoints) return
  const [field, way] = bucketMs === undefined ? ['start_time', 'move start_time'] : ['bucket_duration', 'raise bucket_duration']
  throw invalid(field as string, `the answer would hold ${points} points, at most ${maxPoints} are answered: ${way}, or narrow the filter`)
}

/** Throws an `invalid` error when there are more series or points than are answered. */
export function toLabelAnswer<Value>({ query, limits, notes, members, combine }: AnswerParts<Value>): LabelAnswer {
  const groups = groupMembers(members, query.groupBy)
  const { top } = query
  if (!top) assertSeries(groups.length, query)
  const all = groups.map((group) => ({ ...group, data: combine(group.members) }))
  const ranked = top ? rankSeries(all, top.by ?? defaultRanking(query.aggregation)) : all
  const rest = top ? ranked.slice(top.k) : []
  const answer: LabelAnswer = {
    metric: query.metric,
    ...notes,
    series: ranked.slice(0, top?.k).map(({ labels, data }) => ({ labels, data })),
    ...(top?.other && rest.length > 0 ? { other: { series: rest.length, data: combine(rest.flatMap((group) => group.members)) } } : {}),
  }
  assertTotalPoints(answer, query, limits)
  return answer
}
