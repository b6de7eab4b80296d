import { expect, test } from 'vitest'
import { withinRetention } from '../../src/datasource/within-retention.ts'

const DAY_MS = 86_400_000
const NOW_MS = 100 * DAY_MS
const range = (fromDays: number, toDays = 0) => {
  const [fromMs, toMs] = [NOW_MS - fromDays * DAY_MS, NOW_MS - toDays * DAY_MS]
  return { from: `now-${fromDays}d`, to: toDays === 0 ? 'now' : `now-${toDays}d`, fromMs, toMs }
}
const costs = (by: string | string[], from: string) => ({ path: 'costs', params: { from, to: 'now', by } })

test.each(['user', 'tag'])('money by %s of a longer time is asked for a week, and the panel says so', (by) => {
  const { question, notice } = withinRetention(costs([by], 'now-30d'), range(30), NOW_MS)
  expect(question).toEqual({ path: 'costs', params: { from: 'now-7d', to: 'now', by: [by] } })
  expect(notice).toBe('Money of users and tags is kept for 7 days: these are shown.')
})

test.each([
  ['money by user of a week', costs('user', 'now-7d'), range(7)],
  ['money by model of a month', costs('model', 'now-30d'), range(30)],
  ['another answer of a month', { path: 'calls', params: { from: 'now-30d', by: 'user' } }, range(30)],
])('%s is asked as it is', (_, question, asked) => {
  expect(withinRetention(question, asked, NOW_MS)).toEqual({ question })
})

test('of a time of which nothing is kept the panel says that', () => {
  expect(() => withinRetention(costs('user', 'now-30d'), range(30, 20), NOW_MS)).toThrow(/kept for 7 days; this time range ends before/)
})
