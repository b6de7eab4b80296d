/** The form in which user ids are kept. */
import { createHmac } from 'node:crypto'
import type { ResolvedOptions } from './options.ts'

/** Hashing takes 2–3 µs; users come back. At the bound all are hashed anew. */
const MAX_REMEMBERED = 10_000

/** A function from a user's id to what is kept of it; the empty string: nothing is. */
export function userIdKeeper({ userIds, secret }: Pick<ResolvedOptions, 'userIds' | 'secret'>): (user: string) => string {
  if (userIds === 'plain') return (user) => user
  if (userIds === 'none' || secret === undefined) return () => ''
  const remembered = new Map<string, string>()
  return (user) => {
    if (user === '') return ''
    let hashed = remembered.get(user)
    if (hashed === undefined) {
      if (remembered.size >= MAX_REMEMBERED) remembered.clear()
      hashed = createHmac('sha256', secret).update(user).digest('base64url')
      remembered.set(user, hashed)
    }
    return hashed
  }
}
