import type { TopEntry, UserTotals } from '@aiwatch/store'
import { isoOrNull } from './instants.ts'

export interface TopUserRow {
  user_id: string
  /** Totals since the user was first seen. */
  total_input_tokens: number
  total_output_tokens: number
  total_sessions: number
  avg_tokens_per_request: number
  /** ISO 8601, UTC; empty when it is not known any more. */
  last_seen: string
  /** Tokens in the hours that the last 24 h touch: what the order goes by. */
  tokens_24h: number
}

/** A user whose totals have expired is shown by the key alone. */
export function toTopUser({ member, value, totals }: TopEntry & { totals: UserTotals | undefined }): TopUserRow {
  const tokens = totals ? totals.inputTokens + totals.outputTokens : 0
  return {
    user_id: totals?.name ?? member,
    total_input_tokens: totals?.inputTokens ?? 0,
    total_output_tokens: totals?.outputTokens ?? 0,
    total_sessions: totals?.sessions ?? 0,
    avg_tokens_per_request: totals && totals.calls > 0 ? tokens / totals.calls : 0,
    last_seen: isoOrNull(totals?.lastSeenMs) ?? '',
    tokens_24h: value,
  }
}
