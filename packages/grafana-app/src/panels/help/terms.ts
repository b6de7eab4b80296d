/** What the figures of the pages mean, for the help beside them. */
import { t } from '../../t.ts'

export type Term =
  | 'calls'
  | 'tokens'
  | 'rates'
  | 'cost'
  | 'change'
  | 'errors'
  | 'latency'
  | 'first_token'
  | 'time_per_call'
  | 'users'
  | 'audience'
  | 'sessions'
  | 'kept_calls'
  | 'cache'
  | 'waste'
  | 'retention'
  | 'redis'
  | 'keys'
  | 'integrity'
  | 'machine'

export interface Definition {
  name: string
  text: string
}

/** Made when it is shown: texts are in the reader's language. */
export const describeTerms = (): Record<Term, Definition> => ({
  calls: {
    name: t('help.calls.name', 'Call'),
    text: t(
      'help.calls.text',
      'One question of a program to a model that has ended, whatever its outcome. Retries of the client are part of it.',
    ),
  },
  tokens: {
    name: t('help.tokens.name', 'Input and output tokens'),
    text: t(
      'help.tokens.text',
      'As the provider reports them. Input has those read from the prompt cache in it, output those of reasoning. Where a provider reports none they are estimated, and counted as estimated.',
    ),
  },
  rates: {
    name: t('help.rates.name', 'Per second'),
    text: t('help.rates.text', 'Mean over the chosen time range; in charts over each bucket. While live: over the newest closed minute.'),
  },
  cost: {
    name: t('help.cost.name', 'Cost'),
    text: t(
      'help.cost.text',
      'US dollars. Calls of models without a known price are in no cost; "Calls without a price" counts them. Days begin at midnight UTC.',
    ),
  },
  change: {
    name: t('help.change.name', 'Change'),
    text: t(
      'help.change.text',
      'Against the time range of the same length just before; of the cost today against yesterday up to the same time of day. Nothing is shown where there was nothing before.',
    ),
  },
  errors: {
    name: t('help.errors.name', 'Error rate'),
    text: t(
      'help.errors.text',
      'Calls whose outcome is an error ÷ all calls, 0 to 100 %. Calls that the program left (aborted) are no errors. A pattern is a type of error of one app, provider and model.',
    ),
  },
  latency: {
    name: t('help.latency.name', 'p50, p95, p99'),
    text: t(
      'help.latency.text',
      'Half, 95 % and 99 % of the calls took at most so long, in seconds, retries included. From sketches that any time range merges exactly: the relative error of a percentile is at most 2 %.',
    ),
  },
  first_token: {
    name: t('help.first_token.name', 'Time to first token'),
    text: t('help.first_token.text', 'Of streams: from the request to the first content, in seconds. Same error as other percentiles.'),
  },
  time_per_call: {
    name: t('help.time_per_call.name', 'Where the time of a call goes'),
    text: t(
      'help.time_per_call.text',
      'Queue, reading of the prompt (prefill) and writing of the answer (decode), as far as the provider says; the rest is network, client and what the provider does not tell. Means, in seconds.',
    ),
  },
  users: {
    name: t('help.users.name', 'Active users'),
    text: t(
      'help.users.text',
      'Users with at least one call in the last 5 minutes, hour or 24 hours, exact. Users are kept for all apps and models together: filters by app or model do not apply to them.',
    ),
  },
  audience: {
    name: t('help.audience.name', 'New, returning, stickiness'),
    text: t(
      'help.audience.text',
      'By day, UTC. Weekly and monthly active users are estimates with a standard error of 0.81 %. Stickiness is the mean of daily active users ÷ monthly active users.',
    ),
  },
  sessions: {
    name: t('help.sessions.name', 'Active sessions'),
    text: t('help.sessions.text', 'Sessions seen in the last 30 minutes, exact. Lists of sessions come from the kept calls.'),
  },
  kept_calls: {
    name: t('help.kept_calls.name', 'Kept calls'),
    text: t(
      'help.kept_calls.text',
      'Single calls are a sample: all errors, the slowest, a fair sample of the rest, the newest 10,000. Totals elsewhere count every call. Prompts and answers are never kept.',
    ),
  },
  cache: {
    name: t('help.cache.name', 'Saved by the cache'),
    text: t('help.cache.text', 'What the same calls would have cost more without the prompt cache, US dollars.'),
  },
  waste: {
    name: t('help.waste.name', 'Wasted'),
    text: t('help.waste.text', 'Money, tokens and HTTP exchanges of attempts whose answer nobody got, such as those before a retry.'),
  },
  retention: {
    name: t('help.retention.name', 'How far back'),
    text: t('help.retention.text', 'Older data is kept in longer buckets. Money of users and tags is kept in whole hours for 7 days.'),
  },
  redis: {
    name: t('help.redis.name', 'Redis'),
    text: t(
      'help.redis.text',
      'Fragmentation is resident ÷ used memory: above 1.5 memory is lost to fragments, below 1 the server swaps. Evicted keys mean lost figures: the eviction policy should be noeviction.',
    ),
  },
  keys: {
    name: t('help.keys.name', 'Keys by family'),
    text: t('help.keys.text', 'Keys and memory by what they hold, estimated from a sample of keys.'),
  },
  integrity: {
    name: t('help.integrity.name', 'Integrity'),
    text: t(
      'help.integrity.text',
      'Every batch of a writer has a number and is applied once. The counters say what was applied, refused, came late or was lost, since the first write.',
    ),
  },
  machine: {
    name: t('help.machine.name', 'Machine'),
    text: t(
      'help.machine.text',
      'The machine of this collector: CPU of all cores over the last seconds, memory, disk and network without loopback.',
    ),
  },
})
