import type { Calls, Sessions } from '@aiwatch/collector/contract'
import { t } from '../../t.ts'
import { callColumns } from './call-columns.ts'
import { makeFrame, UNIT } from './frame.ts'
import type { Parts } from './part.ts'

export const callsParts = {
  table: { title: () => t('parts.calls', 'Calls'), toFrames: ({ calls }) => [makeFrame('calls', calls, callColumns())] },
  kept: {
    title: () => t('parts.how-many-calls-are-kept', 'How many calls are kept'),
    toFrames: (reply) => [
      makeFrame(
        'kept',
        [reply],
        [
          { name: 'kept_calls', title: t('columns.calls-kept', 'Calls kept'), unit: UNIT.count, value: ({ kept_calls }) => kept_calls },
          { name: 'oldest_kept', title: t('columns.oldest', 'Oldest'), type: 'time', value: ({ oldest_kept }) => oldest_kept },
        ],
      ),
    ],
  },
} satisfies Parts<Calls>

export const sessionsParts = {
  table: {
    title: () => t('parts.sessions-among-the-kept-calls', 'Sessions among the kept calls'),
    toFrames: ({ sessions }) => [
      makeFrame('sessions', sessions, [
        { name: 'session', title: t('columns.session', 'Session'), value: ({ session }) => session },
        { name: 'user_id', title: t('columns.user', 'User'), value: ({ user_id }) => user_id },
        { name: 'calls', title: t('columns.calls', 'Calls'), unit: UNIT.count, value: ({ calls }) => calls },
        { name: 'errors', title: t('columns.errors', 'Errors'), unit: UNIT.count, value: ({ errors }) => errors },
        {
          name: 'input_tokens',
          title: t('columns.input-tokens', 'Input tokens'),
          unit: UNIT.count,
          value: ({ input_tokens }) => input_tokens,
        },
        {
          name: 'output_tokens',
          title: t('columns.output-tokens', 'Output tokens'),
          unit: UNIT.count,
          value: ({ output_tokens }) => output_tokens,
        },
        { name: 'cost_usd', title: t('columns.cost', 'Cost'), unit: UNIT.usd, value: ({ cost_usd }) => cost_usd },
        { name: 'models', title: t('columns.models', 'Models'), value: ({ models }) => models.join(', ') },
        { name: 'first_seen', title: t('columns.first-seen', 'First seen'), type: 'time', value: ({ first_seen }) => first_seen },
        { name: 'last_seen', title: t('columns.last-seen', 'Last seen'), type: 'time', value: ({ last_seen }) => last_seen },
      ]),
    ],
  },
  active: {
    title: () => t('parts.active-sessions', 'Active sessions'),
    toFrames: (reply) => [
      makeFrame(
        'active',
        [reply],
        [
          { name: 'active_30m', title: t('columns.30-min', '30 min'), unit: UNIT.count, value: ({ active_30m }) => active_30m },
          { name: 'active_24h', title: t('columns.24-h', '24 h'), unit: UNIT.count, value: ({ active_24h }) => active_24h },
        ],
      ),
    ],
  },
} satisfies Parts<Sessions>
