import { type Call, endedAt } from '@aiwatch/store'
import type { CallRow } from '../../contract/index.ts'
import { isoOf } from '../instants.ts'
import { toUsd } from '../money.ts'

/** The tag in which a program gives the OpenTelemetry trace of a call. */
const TRACE_TAG = 'trace_id'

export interface KeptCall {
  id: string
  call: Call
}

export function toCallRow({ id, call }: KeptCall): CallRow {
  const { usage } = call
  return {
    id: call.id,
    entry: id,
    started_at: isoOf(call.startedAt),
    app: call.app,
    provider: call.provider,
    model: call.model,
    request_model: call.requestModel,
    operation: call.operation,
    stream: call.stream,
    outcome: call.outcome,
    http_status: call.httpStatus ?? null,
    user_id: call.user ?? null,
    session: call.session ?? null,
    tags: call.tags,
    trace_id: call.tags[TRACE_TAG] ?? null,
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cache_read_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    reasoning_tokens: usage.reasoningTokens,
    usage_source: usage.source,
    cost_usd: call.costNanoUsd === null ? null : toUsd(call.costNanoUsd),
    duration_ms: call.durationMs,
    first_token_ms: call.timeToFirstTokenMs ?? null,
    per_output_token_ms: call.timePerOutputTokenMs ?? null,
    queue_ms: call.queueMs ?? null,
    prefill_ms: call.prefillMs ?? null,
    decode_ms: call.decodeMs ?? null,
    attempts: call.attempts,
  }
}

export const endOf = ({ call }: KeptCall) => endedAt(call)
