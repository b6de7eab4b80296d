import type { Overview } from '@aiwatch/collector/contract'
import { makeFrame, UNIT } from './frame.ts'
import type { Parts } from './part.ts'
import { comparedFrame, latencyFrame, pointsFrame, ratesFrame } from './points.ts'

const DAY_MS = 86_400_000

export const overviewParts = {
  figures: { title: 'Key figures, beside the window before', toFrames: (reply) => [comparedFrame(reply)] },
  rates: { title: 'Course, per second', toFrames: ({ points, step_seconds }) => [ratesFrame(points, step_seconds)] },
  points: { title: 'Course, per bucket', toFrames: ({ points }) => [pointsFrame(points)] },
  latency: { title: 'Latency over time', toFrames: ({ latency_points }) => [latencyFrame(latency_points)] },
  active: {
    title: 'Active users and sessions',
    toFrames: ({ active }) => [
      makeFrame('active', active ? [active] : [], [
        { name: 'users_5m', title: '5 min', unit: UNIT.count, value: ({ users_5m }) => users_5m },
        { name: 'users_1h', title: '1 h', unit: UNIT.count, value: ({ users_1h }) => users_1h },
        { name: 'users_24h', title: '24 h', unit: UNIT.count, value: ({ users_24h }) => users_24h },
        { name: 'sessions_30m', title: 'Sessions, 30 min', unit: UNIT.count, value: ({ sessions_30m }) => sessions_30m },
      ]),
    ],
  },
  cost: {
    title: 'Cost today, beside yesterday at this time of day',
    // Yesterday first: a stat panel then shows today's cost and the change.
    toFrames: ({ window, cost_today_usd, cost_yesterday_so_far_usd }) => {
      const nowMs = Date.parse(window.to)
      const days = [
        { at: nowMs - DAY_MS, usd: cost_yesterday_so_far_usd },
        { at: nowMs, usd: cost_today_usd },
      ]
      return [
        makeFrame('cost', days, [
          { name: 'time', title: 'Time', type: 'time', value: ({ at }) => at },
          { name: 'cost_usd', title: 'Cost', unit: UNIT.usd, value: ({ usd }) => usd },
        ]),
      ]
    },
  },
  models: {
    title: 'Model mix',
    toFrames: ({ models }) => [
      makeFrame('models', models, [
        { name: 'model', title: 'Model', value: ({ model }) => model },
        { name: 'calls', title: 'Calls', unit: UNIT.count, value: ({ calls }) => calls },
        { name: 'share_of_calls', title: 'Share', unit: UNIT.share, min: 0, max: 1, decimals: 1, value: (row) => row.share_of_calls },
        { name: 'cost_usd', title: 'Cost', unit: UNIT.usd, value: ({ cost_usd }) => cost_usd },
      ]),
    ],
  },
  top_users: {
    title: 'Users with most tokens in 24 h',
    toFrames: ({ top_users }) => [
      makeFrame('top_users', top_users ?? [], [
        { name: 'user_id', title: 'User', value: ({ user_id }) => user_id },
        { name: 'tokens', title: 'Tokens', unit: UNIT.count, value: ({ tokens }) => tokens },
        { name: 'key', title: 'Key', value: ({ key }) => key },
      ]),
    ],
  },
} satisfies Parts<Overview>
