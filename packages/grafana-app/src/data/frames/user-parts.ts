import type { User, Users } from '@aiwatch/collector/contract'
import { CALL_COLUMNS } from './call-columns.ts'
import { BUCKET, type ColumnOf, makeFrame, UNIT } from './frame.ts'
import type { Parts } from './part.ts'

type Totals = NonNullable<Users['users'][number]['totals']>

const totalsColumns = <Row>(of: (row: Row) => Totals | null): ColumnOf<Row>[] => [
  { name: 'calls', title: 'Calls', unit: UNIT.count, value: (row) => of(row)?.calls ?? null },
  { name: 'errors', title: 'Errors', unit: UNIT.count, value: (row) => of(row)?.errors ?? null },
  { name: 'input_tokens', title: 'Input tokens', unit: UNIT.count, value: (row) => of(row)?.input_tokens ?? null },
  { name: 'output_tokens', title: 'Output tokens', unit: UNIT.count, value: (row) => of(row)?.output_tokens ?? null },
  { name: 'cost_usd', title: 'Cost', unit: UNIT.usd, value: (row) => of(row)?.cost_usd ?? null },
  { name: 'sessions', title: 'Sessions', unit: UNIT.count, value: (row) => of(row)?.sessions ?? null },
]

export const usersParts = {
  table: {
    title: 'Users by rank',
    toFrames: ({ users }) => [
      makeFrame('users', users, [
        { name: 'rank', title: 'Rank', unit: UNIT.count, value: ({ rank }) => rank },
        { name: 'user_id', title: 'User', value: ({ user_id }) => user_id },
        { name: 'value', title: 'In the window', unit: UNIT.count, value: ({ value }) => value },
        ...totalsColumns<Users['users'][number]>(({ totals }) => totals),
        { name: 'first_seen', title: 'First seen', type: 'time', value: ({ first_seen }) => first_seen },
        { name: 'last_seen', title: 'Last seen', type: 'time', value: ({ last_seen }) => last_seen },
        { name: 'is_new', title: 'New', type: 'boolean', value: ({ is_new }) => is_new },
        { name: 'key', title: 'Key', value: ({ key }) => key },
      ]),
    ],
  },
  audience: {
    title: 'Active users: day, week, month',
    toFrames: ({ audience }) => [
      makeFrame(
        'audience',
        [audience],
        [
          { name: 'daily_active', title: 'Daily active', unit: UNIT.count, value: ({ daily_active }) => daily_active },
          { name: 'weekly_active', title: 'Weekly active', unit: UNIT.count, value: ({ weekly_active }) => weekly_active },
          { name: 'monthly_active', title: 'Monthly active', unit: UNIT.count, value: ({ monthly_active }) => monthly_active },
          { name: 'stickiness', title: 'Stickiness', unit: UNIT.share, min: 0, max: 1, value: ({ stickiness }) => stickiness },
        ],
      ),
    ],
  },
  days: {
    title: 'New and returning users by day',
    toFrames: ({ audience }) => [
      makeFrame('days', audience.days, [
        BUCKET,
        { name: 'new_users', title: 'New', unit: UNIT.count, value: ({ new_users }) => new_users },
        // Both are estimates: the difference may fall under zero.
        { name: 'returning', title: 'Returning', unit: UNIT.count, value: ({ active, new_users }) => Math.max(0, active - new_users) },
      ] satisfies ColumnOf<Users['audience']['days'][number]>[]),
    ],
  },
} satisfies Parts<Users>

export const userParts = {
  totals: {
    title: 'Totals since first seen',
    toFrames: (reply) => [
      makeFrame(
        'totals',
        [reply],
        [
          { name: 'user_id', title: 'User', value: ({ user_id }) => user_id },
          ...totalsColumns<User>(({ totals }) => totals),
          { name: 'first_seen', title: 'First seen', type: 'time', value: ({ first_seen }) => first_seen },
          { name: 'last_seen', title: 'Last seen', type: 'time', value: ({ last_seen }) => last_seen },
        ],
      ),
    ],
  },
  models: {
    title: 'Models that the user asks',
    toFrames: ({ models }) => [
      makeFrame('models', models, [
        { name: 'app', title: 'App', value: ({ app }) => app },
        { name: 'provider', title: 'Provider', value: ({ provider }) => provider },
        { name: 'model', title: 'Model', value: ({ model }) => model },
        ...totalsColumns<User['models'][number]>((row) => ({ ...row, sessions: 0 })).filter(({ name }) => name !== 'sessions'),
      ]),
    ],
  },
  hours: {
    title: 'A week by hour',
    toFrames: ({ hours }) => [
      makeFrame('hours', hours, [
        BUCKET,
        { name: 'tokens', title: 'Tokens', unit: UNIT.count, value: ({ tokens }) => tokens },
        { name: 'calls', title: 'Calls', unit: UNIT.count, value: ({ calls }) => calls },
        { name: 'cost_usd', title: 'Cost', unit: UNIT.usd, value: ({ cost_usd }) => cost_usd },
      ] satisfies ColumnOf<User['hours'][number]>[]),
    ],
  },
  calls: { title: 'Recent calls', toFrames: ({ recent_calls }) => [makeFrame('calls', recent_calls, CALL_COLUMNS)] },
  sessions: {
    title: 'Recent sessions',
    toFrames: ({ recent_sessions }) => [
      makeFrame('sessions', recent_sessions, [
        { name: 'session', title: 'Session', value: ({ session }) => session },
        { name: 'calls', title: 'Calls kept', unit: UNIT.count, value: ({ calls }) => calls },
        { name: 'last_seen', title: 'Last seen', type: 'time', value: ({ last_seen }) => last_seen },
      ]),
    ],
  },
} satisfies Parts<User>
