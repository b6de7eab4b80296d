/** How many users there are, and how many of them come back. */
import { bucketStart, type StoreReader } from '@aiwatch/store'
import type { Users } from '../../contract/index.ts'
import { Memory } from './memory.ts'

const DAY = 86_400
const DAYS = 30
const WEEK_DAYS = 7
/** The days are unions of thirty sets each: they are counted anew once a minute at most. */
const memory = new WeakMap<StoreReader, Memory<Users['audience']['days']>>()
const KEEP_MS = 60_000

/** New users of a day: by how much it makes the users of all days up to it more. The estimate's error can make it negative: 0 then. */
async function readDays(reader: StoreReader, today: number): Promise<Users['audience']['days']> {
  const first = today - DAYS * DAY
  const starts = Array.from({ length: DAYS + 1 }, (_, i) => first + i * DAY)
  const [active, upTo] = await Promise.all([
    Promise.all(starts.map((start) => reader.usersOnDays(start, start + DAY))),
    Promise.all(starts.map((start) => reader.usersOnDays(first, start + DAY))),
  ])
  // The first day has none before it to compare with.
  return starts.slice(1).map((start, i) => ({
    timestamp: start * 1000,
    active: active[i + 1] ?? 0,
    new_users: Math.max(0, (upTo[i + 1] ?? 0) - (upTo[i] ?? 0)),
  }))
}

export async function readAudience(reader: StoreReader, nowMs: number): Promise<Users['audience']> {
  const today = bucketStart(nowMs, DAY)
  const remembered = memory.get(reader) ?? new Memory<Users['audience']['days']>(KEEP_MS)
  memory.set(reader, remembered)
  const [day, weekly, monthly, days] = await Promise.all([
    reader.active([DAY * 1000]),
    reader.usersOnDays(today - (WEEK_DAYS - 1) * DAY, today + DAY),
    reader.usersOnDays(today - (DAYS - 1) * DAY, today + DAY),
    remembered.get(String(today), () => readDays(reader, today)),
  ])
  const daysWithUsers = days.filter(({ active }) => active > 0)
  const meanDaily = daysWithUsers.reduce((sum, { active }) => sum + active, 0) / Math.max(1, daysWithUsers.length)
  return {
    daily_active: day.users[0] ?? 0,
    weekly_active: weekly,
    monthly_active: monthly,
    stickiness: monthly > 0 ? Math.min(1, meanDaily / monthly) : 0,
    days,
  }
}
