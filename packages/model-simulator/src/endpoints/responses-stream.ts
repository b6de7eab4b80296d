/** The typed events of a streamed response, in the order in which OpenAI sends them. There is no [DONE] at the end. */
import { breakingPoint, type Frame, type StreamAnswer } from '../answer.ts'
import type { Random } from '../random.ts'
import { fixedPieces, type Piece, shareOf, textPieces } from './chat-content.ts'
import type { OutputItem, ResponsesAnswer } from './responses.ts'

export function streamResponse(answer: ResponsesAnswer, random: Random): StreamAnswer {
  const events = eventWriter(answer, random)
  events.add('response.created', { response: answer.snapshot('in_progress', []) }, { isEarly: true })
  events.add('response.in_progress', { response: answer.snapshot('in_progress', []) }, { isEarly: true })
  let call = 0
  for (const [index, item] of answer.items.entries()) {
    if (item.type === 'message') addMessage(events, answer, item, index)
    else if (item.type === 'function_call') addCall(events, answer, { item, index, call: call++ })
    else {
      events.add('response.output_item.added', { output_index: index, item }, { isEarly: true })
      events.add('response.output_item.done', { output_index: index, item })
    }
  }
  events.add(`response.${answer.endStatus}`, { response: answer.snapshot(answer.endStatus, answer.items) })
  return {
    kind: 'stream',
    plan: answer.plan,
    frames: events.frames,
    sendsUsage: answer.usage !== undefined,
    failure: events.failure(answer),
  }
}

type EventWriter = ReturnType<typeof eventWriter>

function eventWriter(answer: ResponsesAnswer, random: Random) {
  const frames: Frame[] = []
  const padding = random.id(64)
  const write = (type: string, fields: object, sequence: number) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence, ...fields })}\n\n`
  return {
    frames,
    add(type: string, fields: object, more: { tokens?: number; isEarly?: boolean } = {}): void {
      frames.push({ text: write(type, fields, frames.length), tokens: more.tokens ?? 0, isEarly: more.isEarly })
    },
    /** A delta, put together as text: most events are of this kind. `place` is JSON fields without braces. */
    delta(type: string, place: string, piece: Piece): void {
      const from = (frames.length * 7) % 48
      const extra = type === 'response.output_text.delta' ? ',"logprobs":[]' : ''
      const obfuscation = answer.request.includesObfuscation ? `,"obfuscation":"${padding.slice(from, from + 4 + (from % 12))}"` : ''
      const data = `{"type":"${type}","sequence_number":${frames.length},${place},"delta":${JSON.stringify(piece.text)}${extra}${obfuscation}}`
      frames.push({ text: `event: ${type}\ndata: ${data}\n\n`, tokens: piece.tokens })
    },
    failure(failed: ResponsesAnswer): StreamAnswer['failure'] {
      const error = {
        code: 'server_error',
        message: 'The server had an error while processing your request. Sorry about that!',
        param: null,
      }
      // Taken in the place of the frame that stands at the breaking point, whose number it gets.
      const sequence = breakingPoint(frames)
      return {
        error: write('error', error, sequence),
        failed: write('response.failed', { response: failed.snapshot('failed', []) }, sequence),
      }
    },
  }
}

function addMessage(events: EventWriter, answer: ResponsesAnswer, item: OutputItem, index: number): void {
  const { plan, content, text } = answer
  const isRefusal = content?.kind === 'refusal'
  const at = { item_id: item.id, output_index: index, content_index: 0 }
  const place = JSON.stringify(at).slice(1, -1)
  const [part] = item['content'] as Record<string, unknown>[]
  const emptyPart = isRefusal ? { type: 'refusal', refusal: '' } : { ...part, text: '' }
  events.add('response.output_item.added', { output_index: index, item: { ...item, status: 'in_progress', content: [] } })
  events.add('response.content_part.added', { ...at, part: emptyPart })
  const pieces = content ? fixedPieces(plan, text, plan.visibleTokens) : textPieces(plan, plan.textStart, plan.visibleTokens)
  for (const piece of pieces) events.delta(isRefusal ? 'response.refusal.delta' : 'response.output_text.delta', place, piece)
  if (isRefusal) events.add('response.refusal.done', { ...at, refusal: text })
  else events.add('response.output_text.done', { ...at, text, logprobs: [] })
  events.add('response.content_part.done', { ...at, part })
  events.add('response.output_item.done', { output_index: index, item })
}

function addCall(
  events: EventWriter,
  answer: ResponsesAnswer,
  { item, index, call }: { item: OutputItem; index: number; call: number },
): void {
  const { plan, content } = answer
  const texts = content?.texts ?? []
  const place = JSON.stringify({ item_id: item.id, output_index: index }).slice(1, -1)
  events.add('response.output_item.added', { output_index: index, item: { ...item, status: 'in_progress', arguments: '' } })
  const pieces = fixedPieces(plan, texts[call] ?? '', shareOf(plan.visibleTokens, texts.length, call))
  for (const piece of pieces) events.delta('response.function_call_arguments.delta', place, piece)
  const done = { item_id: item.id, output_index: index, name: item['name'], arguments: item['arguments'] }
  events.add('response.function_call_arguments.done', done)
  events.add('response.output_item.done', { output_index: index, item })
}
