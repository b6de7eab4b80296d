/** The figures of the last minutes and hours, as gauges. */
import { callsCode, ERROR_TYPES } from '@aiwatch/store'
import { type Exposition, FIRST_TOKEN_QUANTILES } from '../analytics/read-exposition.ts'
import { type Family, gauge, type Sample } from './family.ts'

const MAX_SAMPLE_AGE_MS = 2 * 3600 * 1000

function userTokens({ userTokens: users, otherTokens }: Exposition): Sample[] {
  // A user may be called `other`, and two long ids may be cut to the same name: their figures are one series.
  const byName = new Map<string, number>()
  for (const { user, tokens } of [...users, { user: 'other', tokens: otherTokens }]) byName.set(user, (byName.get(user) ?? 0) + tokens)
  return [...byName].map(([user, value]) => ({ labels: { user, window: '1h' }, value }))
}

function firstToken({ firstTokenSeconds }: Exposition): Sample[] {
  return (firstTokenSeconds ?? []).map((value, index) => ({
    labels: { quantile: FIRST_TOKEN_QUANTILES[index] as number, window: '5m' },
    value,
  }))
}

export function recentFamilies(exposition: Exposition): Family[] {
  const { recent, fiveMinuteRates, active } = exposition
  const rate = (direction: string, window: string, value: number) => ({ labels: { direction, window }, value })
  return [
    gauge(
      'token_analytics_active_users',
      'Users seen in the window.',
      Object.entries(active.users).map(([window, value]) => ({ labels: { window }, value })),
    ),
    gauge('token_analytics_active_sessions', 'Sessions seen in the last 30 minutes.', [{ value: active.sessions }]),
    gauge('token_analytics_token_rate', 'Tokens per minute over the closed 10 s buckets of the window.', [
      rate('input', '1m', recent.inputPerMinute),
      rate('output', '1m', recent.outputPerMinute),
      rate('input', '5m', fiveMinuteRates.input),
      rate('output', '5m', fiveMinuteRates.output),
    ]),
    gauge(
      'token_analytics_error_rate',
      'Share of the calls of the last 5 minutes that ended in this error, 0 to 1.',
      ERROR_TYPES.map((type) => ({
        labels: { error_type: type },
        value: recent.requests > 0 ? (recent.sums.get(callsCode(type)) ?? 0) / recent.requests : 0,
      })),
    ),
    gauge('token_analytics_recent_calls', 'Calls that ended in the last 5 minutes: those that the error rate is a share of.', [
      { labels: { window: '5m' }, value: recent.requests },
    ]),
    gauge(
      'token_analytics_first_token_seconds',
      'Time to first token of the streams of the minutes that the last 5 touch, within 2 %; none without streams.',
      firstToken(exposition),
    ),
    gauge('token_analytics_sample_age_seconds', 'Time since the sampler was last at work; 7200 when it was not for two hours.', [
      { value: Math.min(MAX_SAMPLE_AGE_MS, exposition.sampleAgeMs ?? MAX_SAMPLE_AGE_MS) / 1000 },
    ]),
    gauge(
      'token_analytics_user_tokens',
      'Tokens in the clock hours that the last 60 minutes touch: the ten users with most, and all others.',
      userTokens(exposition),
    ),
  ]
}
