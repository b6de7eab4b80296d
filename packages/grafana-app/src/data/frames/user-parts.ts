import type { User, Users } from '@aiwatch/collector/contract'
import { t } from '../../t.ts'
import { callColumns } from './call-columns.ts'
import { bucketColumn, type ColumnOf, makeFrame, UNIT } from './frame.ts'
import type { Parts } from './part.ts'

type Totals = NonNullable<Users['users'][number]['totals']>

const totalsColumns = <Row>(of: (row: Row) => Totals | null): ColumnOf<Row>[] => [
  { name: 'calls', title: t('columns.calls', 'Calls'), unit: UNIT.count, value: (row) => of(row)?.calls ?? null },
  { name: 'errors', title: t('columns.errors', 'Errors'), unit: UNIT.count, value: (row) => of(row)?.errors ?? null },
  {
    name: 'input_tokens',
    title: t('columns.input-tokens', 'Input tokens'),
    unit: UNIT.count,
    value: (row) => of(row)?.input_tokens ?? null,
  },
  {
    name: 'output_tokens',
    title: t('columns.output-tokens', 'Output tokens'),
    unit: UNIT.count,
    value: (row) => of(row)?.output_tokens ?? null,
  },
  { name: 'cost_usd', title: t('columns.cost', 'Cost'), unit: UNIT.usd, value: (row) => of(row)?.cost_usd ?? null },
  { name: 'sessions', title: t('columns.sessions', 'Sessions'), unit: UNIT.count, value: (row) => of(row)?.sessions ?? null },
]

export const usersParts = {
  table: {
    title: () => t('parts.users-by-rank', 'Users by rank'),
    toFrames: ({ users }) => [
      makeFrame('users', users, [
        { name: 'rank', title: t('columns.rank', 'Rank'), unit: UNIT.count, value: ({ rank }) => rank },
        { name: 'user_id', title: t('columns.user', 'User'), value: ({ user_id }) => user_id },
        { name: 'value', title: t('columns.in-the-window', 'In the window'), unit: UNIT.count, value: ({ value }) => value },
        ...totalsColumns<Users['users'][number]>(({ totals }) => totals),
        { name: 'first_seen', title: t('columns.first-seen', 'First seen'), type: 'time', value: ({ first_seen }) => first_seen },
        { name: 'last_seen', title: t('columns.last-seen', 'Last seen'), type: 'time', value: ({ last_seen }) => last_seen },
        { name: 'is_new', title: t('columns.new', 'New'), type: 'boolean', value: ({ is_new }) => is_new },
        { name: 'key', title: t('columns.key', 'Key'), value: ({ key }) => key },
      ]),
    ],
  },
  audience: {
    title: () => t('parts.active-users-day-week-month', 'Active users: day, week, month'),
    toFrames: ({ audience }) => [
      makeFrame(
        'audience',
        [audience],
        [
          {
            name: 'daily_active',
            title: t('columns.daily-active', 'Daily active'),
            unit: UNIT.count,
            value: ({ daily_active }) => daily_active,
          },
          {
            name: 'weekly_active',
            title: t('columns.weekly-active', 'Weekly active'),
            unit: UNIT.count,
            value: ({ weekly_active }) => weekly_active,
          },
          {
            name: 'monthly_active',
            title: t('columns.monthly-active', 'Monthly active'),
            unit: UNIT.count,
            value: ({ monthly_active }) => monthly_active,
          },
          {
            name: 'stickiness',
            title: t('columns.stickiness', 'Stickiness'),
            unit: UNIT.share,
            min: 0,
            max: 1,
            value: ({ stickiness }) => stickiness,
          },
        ],
      ),
    ],
  },
  days: {
    title: () => t('parts.new-and-returning-users-by-day', 'New and returning users by day'),
    toFrames: ({ audience }) => [
      makeFrame('days', audience.days, [
        bucketColumn(),
        { name: 'new_users', title: t('columns.new', 'New'), unit: UNIT.count, value: ({ new_users }) => new_users },
        // Both are estimates: the difference may fall under zero.
        {
          name: 'returning',
          title: t('columns.returning', 'Returning'),
          unit: UNIT.count,
          value: ({ active, new_users }) => Math.max(0, active - new_users),
        },
      ] satisfies ColumnOf<Users['audience']['days'][number]>[]),
    ],
  },
} satisfies Parts<Users>

export const userParts = {
  totals: {
    title: () => t('parts.totals-since-first-seen', 'Totals since first seen'),
    toFrames: (reply) => [
      makeFrame(
        'totals',
        [reply],
        [
          { name: 'user_id', title: t('columns.user', 'User'), value: ({ user_id }) => user_id },
          ...totalsColumns<User>(({ totals }) => totals),
          { name: 'first_seen', title: t('columns.first-seen', 'First seen'), type: 'time', value: ({ first_seen }) => first_seen },
          { name: 'last_seen', title: t('columns.last-seen', 'Last seen'), type: 'time', value: ({ last_seen }) => last_seen },
        ],
      ),
    ],
  },
  models: {
    title: () => t('parts.models-that-the-user-asks', 'Models that the user asks'),
    toFrames: ({ models }) => [
      makeFrame('models', models, [
        { name: 'app', title: t('columns.app', 'App'), value: ({ app }) => app },
        { name: 'provider', title: t('columns.provider', 'Provider'), value: ({ provider }) => provider },
        { name: 'model', title: t('columns.model', 'Model'), value: ({ model }) => model },
        ...totalsColumns<User['models'][number]>((row) => ({ ...row, sessions: 0 })).filter(({ name }) => name !== 'sessions'),
      ]),
    ],
  },
  hours: {
    title: () => t('parts.a-week-by-hour', 'A week by hour'),
    toFrames: ({ hours }) => [
      makeFrame('hours', hours, [
        bucketColumn(),
        { name: 'tokens', title: t('columns.tokens', 'Tokens'), unit: UNIT.count, value: ({ tokens }) => tokens },
        { name: 'calls', title: t('columns.calls', 'Calls'), unit: UNIT.count, value: ({ calls }) => calls },
        { name: 'cost_usd', title: t('columns.cost', 'Cost'), unit: UNIT.usd, value: ({ cost_usd }) => cost_usd },
      ] satisfies ColumnOf<User['hours'][number]>[]),
    ],
  },
  calls: {
    title: () => t('parts.recent-calls', 'Recent calls'),
    toFrames: ({ recent_calls }) => [makeFrame('calls', recent_calls, callColumns())],
  },
  sessions: {
    title: () => t('parts.recent-sessions', 'Recent sessions'),
    toFrames: ({ recent_sessions }) => [
      makeFrame('sessions', recent_sessions, [
        { name: 'session', title: t('columns.session', 'Session'), value: ({ session }) => session },
        { name: 'calls', title: t('columns.calls-kept', 'Calls kept'), unit: UNIT.count, value: ({ calls }) => calls },
        { name: 'last_seen', title: t('columns.last-seen', 'Last seen'), type: 'time', value: ({ last_seen }) => last_seen },
      ]),
    ],
  },
} satisfies Parts<User>
