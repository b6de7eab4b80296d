/** `GET /v1/calls`. The kept calls are a stream of at most ten thousand: filters look through it page by page. */
import { isError, OUTCOMES, RECENT_CALLS, type StoreReader } from '@aiwatch/store'
import type { Calls } from '../../contract/index.ts'
import { invalid } from '../../errors.ts'
import { isoOf } from '../instants.ts'
import { endOf, type KeptCall, toCallRow } from './call-row.ts'
import type { CellFilter } from './cell-filter.ts'
import type { WindowMs } from './plan-window.ts'

export interface CallsQuestion {
  filter: CellFilter
  window: WindowMs
  outcome: string | undefined
  user: string | undefined
  session: string | undefined
  tag: string | undefined
  minDurationMs: number | undefined
  sort: 'recent' | 'slowest' | 'costliest'
  limit: number
  cursor: string | undefined
}

/** Calls looked at in one step: few at first, more where the filter lets few through. */
const FIRST_PAGE = 100
const PAGE = 2000
const STREAM_ID = /^\d{1,20}-\d{1,20}$/

function outcomeTest(outcome: string | undefined): (kept: KeptCall) => boolean {
  if (outcome === undefined) return () => true
  if (outcome === 'error') return ({ call }) => isError(call.outcome)
  if (!(OUTCOMES as readonly string[]).includes(outcome))
    throw invalid('outcome', `outcome must be error, or one of ${OUTCOMES.join(', ')}, got ${JSON.stringify(outcome)}`)
  return ({ call }) => call.outcome === outcome
}

function tagTest(tag: string | undefined): (kept: KeptCall) => boolean {
  if (tag === undefined) return () => true
  const at = tag.indexOf('=')
  if (at < 1) throw invalid('tag', `tag must be name=value, got ${JSON.stringify(tag)}`)
  const [name, value] = [tag.slice(0, at), tag.slice(at + 1)]
  return ({ call }) => call.tags[name] === value
}

function testOf(question: CallsQuestion): (kept: KeptCall) => boolean {
  const { filter, user, session, minDurationMs = 0 } = question
  const { fromMs, toMs } = question.window
  const hasOutcome = outcomeTest(question.outcome)
  const hasTag = tagTest(question.tag)
  return (kept) => {
    const { call } = kept
    const endedMs = endOf(kept)
    if (endedMs < fromMs || endedMs >= toMs) return false
    if (filter.app && !filter.app.includes(call.app)) return false
    if (filter.provider && !filter.provider.includes(call.provider)) return false
    if (filter.model && !filter.model.includes(call.model)) return false
    if (user !== undefined && call.user !== user) return false
    if (session !== undefined && call.session !== session) return false
    return call.durationMs >= minDurationMs && hasOutcome(kept) && hasTag(kept)
  }
}

/** Calls that pass, newest first, until there are `limit`; and where to go on, null when nothing follows. */
async function findRecent(reader: StoreReader, question: CallsQuestion, test: (kept: KeptCall) => boolean) {
  const found: KeptCall[] = []
  let before = question.cursor
  // One more than asked tells whether there is another page.
  for (let size = Math.max(question.limit + 1, FIRST_PAGE); ; size = PAGE) {
    const page = await reader.recent({ limit: size, ...(before === undefined ? {} : { before }) })
    for (const kept of page) {
      if (!test(kept)) continue
      if (found.length === question.limit) return { found, next: found.at(-1)?.id ?? null }
      found.push(kept)
    }
    const last = page.at(-1)
    if (!last) return { found, next: null }
    before = last.id
  }
}

const RANKS = {
  slowest: ({ call }: KeptCall) => call.durationMs,
  costliest: ({ call }: KeptCall) => call.costNanoUsd ?? -1,
}

async function findGreatest(reader: StoreReader, question: CallsQuestion, test: (kept: KeptCall) => boolean) {
  const rank = RANKS[question.sort as keyof typeof RANKS]
  const all = (await reader.recent({ limit: RECENT_CALLS })).filter(test)
  return { found: all.sort((a, b) => rank(b) - rank(a)).slice(0, question.limit), next: null }
}

export async function answerCalls(reader: StoreReader, question: CallsQuestion): Promise<Calls> {
  const { cursor, sort } = question
  if (cursor !== undefined && !STREAM_ID.test(cursor)) throw invalid('cursor', 'cursor must be the next_cursor of an earlier page')
  if (cursor !== undefined && sort !== 'recent') throw invalid('cursor', `cursor cannot be combined with sort=${sort}, which has one page`)
  const test = testOf(question)
  const [{ found, next }, kept] = await Promise.all([
    sort === 'recent' ? findRecent(reader, question, test) : findGreatest(reader, question, test),
    reader.keptCalls(),
  ])
  return {
    calls: found.map(toCallRow),
    next_cursor: next,
    kept_calls: kept.count,
    oldest_kept: kept.oldest ? isoOf(endOf(kept.oldest)) : null,
  }
}
