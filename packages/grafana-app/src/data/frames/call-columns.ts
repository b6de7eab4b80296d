import type { CallRow } from '@aiwatch/collector/contract'
import { type ColumnOf, UNIT } from './frame.ts'

/** A call, as the tables of calls show it. */
export const CALL_COLUMNS: ColumnOf<CallRow>[] = [
  { name: 'started_at', title: 'Started', type: 'time', value: ({ started_at }) => started_at },
  { name: 'app', title: 'App', value: ({ app }) => app },
  { name: 'provider', title: 'Provider', value: ({ provider }) => provider },
  { name: 'model', title: 'Model', value: ({ model }) => model },
  { name: 'operation', title: 'Operation', value: ({ operation }) => operation },
  { name: 'outcome', title: 'Outcome', value: ({ outcome }) => outcome },
  { name: 'http_status', title: 'HTTP', type: 'number', value: ({ http_status }) => http_status },
  { name: 'user_id', title: 'User', value: ({ user_id }) => user_id },
  { name: 'session', title: 'Session', value: ({ session }) => session },
  { name: 'input_tokens', title: 'Input', unit: UNIT.count, value: ({ input_tokens }) => input_tokens },
  { name: 'output_tokens', title: 'Output', unit: UNIT.count, value: ({ output_tokens }) => output_tokens },
  { name: 'usage_source', title: 'Usage', value: ({ usage_source }) => usage_source },
  { name: 'cost_usd', title: 'Cost', unit: UNIT.usd, value: ({ cost_usd }) => cost_usd },
  { name: 'duration_ms', title: 'Duration', unit: UNIT.milliseconds, value: ({ duration_ms }) => duration_ms },
  { name: 'first_token_ms', title: 'First token', unit: UNIT.milliseconds, value: ({ first_token_ms }) => first_token_ms },
  { name: 'attempts', title: 'Attempts', unit: UNIT.count, value: ({ attempts }) => attempts },
  {
    name: 'tags',
    title: 'Tags',
    value: ({ tags }) =>
      Object.entries(tags)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
  },
  { name: 'trace_id', title: 'Trace', value: ({ trace_id }) => trace_id },
]
