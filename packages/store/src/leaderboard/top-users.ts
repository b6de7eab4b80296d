import type { AudienceReading } from '../audience/read-audience.ts'
import type { TopEntry, UserTotals } from '../read/store-reader.ts'
import type { TopQuestion, TopReading } from './find-top.ts'

/** Of the candidates, the totals of this many are asked for before it is known who is among the best. */
const MAX_EARLY_USERS = 200

export type TopUser = TopEntry & { totals: UserTotals | undefined }

/** The best users with their totals. The totals are asked for in the round trip of the candidates' missing scores. */
export async function findTopUsers(top: TopReading, audience: AudienceReading, question: TopQuestion): Promise<TopUser[]> {
  const early = new Map<string, UserTotals | undefined>()
  let asked: Promise<void> = Promise.resolve()
  const askUsers = async (users: string[]) => {
    const totals = await audience.users(users)
    for (const [i, user] of users.entries()) early.set(user, totals[i])
  }
  const entries = await top.top(question, (members) => {
    asked = Promise.all([asked, askUsers(members.slice(0, Math.max(MAX_EARLY_USERS, question.limit)))]).then(() => {})
    // It is awaited below; a failure before that must not count as unhandled.
    asked.catch(() => {})
  })
  await asked
  const missing = entries.map((entry) => entry.member).filter((member) => !early.has(member))
  if (missing.length > 0) await askUsers(missing)
  return entries.map((entry) => ({ ...entry, totals: early.get(entry.member) }))
}
