import type { Live } from '../../contract/index.ts'
import type { Active } from '../read-active.ts'

export function describeActive({ users, sessions }: Active): Live['active'] {
  return { users_5m: users['5m'], users_1h: users['1h'], users_24h: users['24h'], sessions_30m: sessions }
}
