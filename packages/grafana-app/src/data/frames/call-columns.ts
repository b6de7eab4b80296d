import type { CallRow } from '@aiwatch/collector/contract'
import { t } from '../../t.ts'
import { type ColumnOf, UNIT } from './frame.ts'

/** A call, as the tables of calls show it. */
export const callColumns = (): ColumnOf<CallRow>[] => [
  { name: 'started_at', title: t('columns.started', 'Started'), type: 'time', value: ({ started_at }) => started_at },
  { name: 'app', title: t('columns.app', 'App'), value: ({ app }) => app },
  { name: 'provider', title: t('columns.provider', 'Provider'), value: ({ provider }) => provider },
  { name: 'model', title: t('columns.model', 'Model'), value: ({ model }) => model },
  { name: 'operation', title: t('columns.operation', 'Operation'), value: ({ operation }) => operation },
  { name: 'outcome', title: t('columns.outcome', 'Outcome'), value: ({ outcome }) => outcome },
  { name: 'http_status', title: t('columns.http', 'HTTP'), type: 'number', value: ({ http_status }) => http_status },
  { name: 'user_id', title: t('columns.user', 'User'), value: ({ user_id }) => user_id },
  { name: 'session', title: t('columns.session', 'Session'), value: ({ session }) => session },
  { name: 'input_tokens', title: t('columns.input', 'Input'), unit: UNIT.count, value: ({ input_tokens }) => input_tokens },
  { name: 'output_tokens', title: t('columns.output', 'Output'), unit: UNIT.count, value: ({ output_tokens }) => output_tokens },
  { name: 'usage_source', title: t('columns.usage', 'Usage'), value: ({ usage_source }) => usage_source },
  { name: 'cost_usd', title: t('columns.cost', 'Cost'), unit: UNIT.usd, value: ({ cost_usd }) => cost_usd },
  { name: 'duration_ms', title: t('columns.duration', 'Duration'), unit: UNIT.milliseconds, value: ({ duration_ms }) => duration_ms },
  {
    name: 'first_token_ms',
    title: t('columns.first-token', 'First token'),
    unit: UNIT.milliseconds,
    value: ({ first_token_ms }) => first_token_ms,
  },
  { name: 'attempts', title: t('columns.attempts', 'Attempts'), unit: UNIT.count, value: ({ attempts }) => attempts },
  {
    name: 'tags',
    title: t('columns.tags', 'Tags'),
    value: ({ tags }) =>
      Object.entries(tags)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
  },
  { name: 'trace_id', title: t('columns.trace', 'Trace'), value: ({ trace_id }) => trace_id },
]
