/** Money of users and of tags is kept for a week: of a longer time its end is asked for, and the panel says so. */
import type { Question } from '../data/answer-client.ts'
import { CollectorFailure } from '../data/describe-failure.ts'
import { t } from '../t.ts'
import type { PanelRange } from './asked-range.ts'

const KEPT_DAYS = 7
const KEPT_MS = KEPT_DAYS * 86_400_000
const MEMBERS: readonly unknown[] = ['user', 'tag']

const isOfMembers = ({ path, params }: Question) => path === 'costs' && [params?.['by']].flat().some((by) => MEMBERS.includes(by))

interface Kept {
  question: Question
  /** Where the answer is not of the whole range. */
  notice?: string
}

/** Throws a `CollectorFailure` where nothing of the range is kept any more. */
export function withinRetention(question: Question, { fromMs, toMs }: PanelRange, nowMs: number): Kept {
  if (!isOfMembers(question) || fromMs >= nowMs - KEPT_MS) return { question }
  if (toMs <= nowMs - KEPT_MS) {
    const message = t('datasource.retention.none', 'Money of users and tags is kept for {{days}} days; this time range ends before.', {
      days: KEPT_DAYS,
    })
    throw new CollectorFailure({ kind: 'question', message })
  }
  return {
    question: { ...question, params: { ...question.params, from: `now-${KEPT_DAYS}d` } },
    notice: t('datasource.retention.part', 'Money of users and tags is kept for {{days}} days: these are shown.', { days: KEPT_DAYS }),
  }
}
