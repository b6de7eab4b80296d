import type { Calls, Sessions } from '@aiwatch/collector/contract'
import { CALL_COLUMNS } from './call-columns.ts'
import { makeFrame, UNIT } from './frame.ts'
import type { Parts } from './part.ts'

export const callsParts = {
  table: { title: 'Calls', toFrames: ({ calls }) => [makeFrame('calls', calls, CALL_COLUMNS)] },
  kept: {
    title: 'How many calls are kept',
    toFrames: (reply) => [
      makeFrame(
        'kept',
        [reply],
        [
          { name: 'kept_calls', title: 'Calls kept', unit: UNIT.count, value: ({ kept_calls }) => kept_calls },
          { name: 'oldest_kept', title: 'Oldest', type: 'time', value: ({ oldest_kept }) => oldest_kept },
        ],
      ),
    ],
  },
} satisfies Parts<Calls>

export const sessionsParts = {
  table: {
    title: 'Sessions among the kept calls',
    toFrames: ({ sessions }) => [
      makeFrame('sessions', sessions, [
        { name: 'session', title: 'Session', value: ({ session }) => session },
        { name: 'user_id', title: 'User', value: ({ user_id }) => user_id },
        { name: 'calls', title: 'Calls', unit: UNIT.count, value: ({ calls }) => calls },
        { name: 'errors', title: 'Errors', unit: UNIT.count, value: ({ errors }) => errors },
        { name: 'input_tokens', title: 'Input tokens', unit: UNIT.count, value: ({ input_tokens }) => input_tokens },
        { name: 'output_tokens', title: 'Output tokens', unit: UNIT.count, value: ({ output_tokens }) => output_tokens },
        { name: 'cost_usd', title: 'Cost', unit: UNIT.usd, value: ({ cost_usd }) => cost_usd },
        { name: 'models', title: 'Models', value: ({ models }) => models.join(', ') },
        { name: 'first_seen', title: 'First seen', type: 'time', value: ({ first_seen }) => first_seen },
        { name: 'last_seen', title: 'Last seen', type: 'time', value: ({ last_seen }) => last_seen },
      ]),
    ],
  },
  active: {
    title: 'Active sessions',
    toFrames: (reply) => [
      makeFrame(
        'active',
        [reply],
        [
          { name: 'active_30m', title: '30 min', unit: UNIT.count, value: ({ active_30m }) => active_30m },
          { name: 'active_24h', title: '24 h', unit: UNIT.count, value: ({ active_24h }) => active_24h },
        ],
      ),
    ],
  },
} satisfies Parts<Sessions>
