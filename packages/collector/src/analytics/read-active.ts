/** Users and sessions that were active, in the windows that every answer names alike. */
import type { StoreReader } from '@aiwatch/store'

const MINUTE_MS = 60_000
const USER_WINDOWS = { '5m': 5 * MINUTE_MS, '15m': 15 * MINUTE_MS, '1h': 60 * MINUTE_MS, '24h': 24 * 60 * MINUTE_MS } as const
const SESSION_WINDOW_MS = 30 * MINUTE_MS

export type UserWindow = keyof typeof USER_WINDOWS

const NAMES = Object.keys(USER_WINDOWS) as UserWindow[]
const WINDOWS_MS = [...Object.values(USER_WINDOWS), SESSION_WINDOW_MS]

export interface Active {
  users: Record<UserWindow, number>
  /** Seen in the last 30 minutes. */
  sessions: number
}

/** Asks at once, so that questions asked in the same tick share the round trip. */
export async function readActive(reader: StoreReader): Promise<Active> {
  const { users, sessions } = await reader.active(WINDOWS_MS)
  const byWindow = NAMES.map((name, i) => [name, users[i] ?? 0])
  return { users: Object.fromEntries(byWindow) as Active['users'], sessions: sessions.at(-1) ?? 0 }
}
