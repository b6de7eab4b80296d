import type { Overview } from '@aiwatch/collector/contract'
import { t } from '../../t.ts'
import { makeFrame, UNIT } from './frame.ts'
import type { Parts } from './part.ts'
import { courseParts } from './points.ts'

const DAY_MS = 86_400_000

export const overviewParts = {
  ...courseParts,
  active: {
    title: () => t('parts.active-users-and-sessions', 'Active users and sessions'),
    toFrames: ({ active }) => [
      makeFrame('active', active ? [active] : [], [
        { name: 'users_5m', title: t('columns.5-min', '5 min'), unit: UNIT.count, value: ({ users_5m }) => users_5m },
        { name: 'users_1h', title: t('columns.1-h', '1 h'), unit: UNIT.count, value: ({ users_1h }) => users_1h },
        { name: 'users_24h', title: t('columns.24-h', '24 h'), unit: UNIT.count, value: ({ users_24h }) => users_24h },
        {
          name: 'sessions_30m',
          title: t('columns.sessions-30-min', 'Sessions, 30 min'),
          unit: UNIT.count,
          value: ({ sessions_30m }) => sessions_30m,
        },
      ]),
    ],
  },
  cost: {
    title: () => t('parts.cost-today-beside-yesterday-at-this-time-of-day', 'Cost today, beside yesterday at this time of day'),
    // Yesterday first: a stat panel then shows today's cost and the change.
    toFrames: ({ window, cost_today_usd, cost_yesterday_so_far_usd }) => {
      const nowMs = Date.parse(window.to)
      const days = [
        { at: nowMs - DAY_MS, usd: cost_yesterday_so_far_usd },
        { at: nowMs, usd: cost_today_usd },
      ]
      return [
        makeFrame('cost', days, [
          { name: 'time', title: t('columns.time', 'Time'), type: 'time', value: ({ at }) => at },
          { name: 'cost_usd', title: t('columns.cost', 'Cost'), unit: UNIT.usd, value: ({ usd }) => usd },
        ]),
      ]
    },
  },
  models: {
    title: () => t('parts.model-mix', 'Model mix'),
    toFrames: ({ models }) => [
      makeFrame('models', models, [
        { name: 'model', title: t('columns.model', 'Model'), value: ({ model }) => model },
        { name: 'calls', title: t('columns.calls', 'Calls'), unit: UNIT.count, value: ({ calls }) => calls },
        {
          name: 'share_of_calls',
          title: t('columns.share', 'Share'),
          unit: UNIT.share,
          min: 0,
          max: 1,
          decimals: 1,
          value: (row) => row.share_of_calls,
        },
        { name: 'cost_usd', title: t('columns.cost', 'Cost'), unit: UNIT.usd, value: ({ cost_usd }) => cost_usd },
      ]),
    ],
  },
  top_users: {
    title: () => t('parts.users-with-most-tokens-in-24-h', 'Users with most tokens in 24 h'),
    toFrames: ({ top_users }) => [
      makeFrame('top_users', top_users ?? [], [
        { name: 'user_id', title: t('columns.user', 'User'), value: ({ user_id }) => user_id },
        { name: 'tokens', title: t('columns.tokens', 'Tokens'), unit: UNIT.count, value: ({ tokens }) => tokens },
        { name: 'key', title: t('columns.key', 'Key'), value: ({ key }) => key },
      ]),
    ],
  },
} satisfies Parts<Overview>
