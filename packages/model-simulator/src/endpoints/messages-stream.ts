/** The events of a streamed message, from message_start to message_stop. */
import type { Frame, StreamAnswer } from '../answer.ts'
import type { MessageAnswer } from './messages.ts'

const event = (data: { type: string } & Record<string, unknown>, tokens = 0): Frame => ({
  text: `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`,
  tokens,
})

export function streamMessage({ plan, head, blocks, stopReason, usage }: MessageAnswer): StreamAnswer {
  // The first usage has the whole input, and the output so far; the last one is cumulative, without the split of the cache.
  const firstUsage = usage && { ...usage, output_tokens: 1, output_tokens_details: null }
  const message = { ...head, content: [], stop_reason: null, stop_sequence: null, usage: firstUsage }
  const frames = [event({ type: 'message_start', message })]
  for (const [index, { start, deltas }] of blocks.entries()) {
    frames.push(event({ type: 'content_block_start', index, content_block: start }))
    if (index === 0) frames.push(event({ type: 'ping' }))
    for (const { fields, tokens } of deltas) frames.push(event({ type: 'content_block_delta', index, delta: fields }, tokens))
    frames.push(event({ type: 'content_block_stop', index }))
  }
  const { cache_creation: _split, service_tier: _tier, inference_geo: _geo, ...lastUsage } = usage ?? {}
  const delta = { stop_reason: stopReason, stop_sequence: null }
  frames.push(event({ type: 'message_delta', delta, usage: usage && lastUsage }), event({ type: 'message_stop' }))
  const failure = event({ type: 'error', error: { type: 'api_error', message: 'Internal server error' } }).text
  return { kind: 'stream', plan, frames, sendsUsage: usage !== undefined, failure: { error: failure, failed: failure } }
}
