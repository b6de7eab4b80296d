/** The chunks of a streamed chat answer: role, content, finish, and usage when it was asked for. */
import type { Frame, StreamAnswer } from '../answer.ts'
import { serverError } from '../api-error.ts'
import type { Random } from '../random.ts'
import type { ChatAnswer } from './chat-completions.ts'
import { fixedPieces, shareOf, textPieces } from './chat-content.ts'

export function streamChat(answer: ChatAnswer, random: Random): StreamAnswer {
  const { request, plan } = answer
  const chunks = chunkWriter(answer, random)
  const frames: Frame[] = []
  for (let index = 0; index < request.choices; index++) {
    const extra = answer.isGroq && index === 0 ? `,"x_groq":{"id":"req_${answer.id.slice(-24)}"}` : ''
    frames.push(chunks.choice(index, '{"role":"assistant","content":"","refusal":null}', { extra }))
  }
  // The choices of one answer are made at the same time.
  const byChoice = Array.from({ length: request.choices }, (_, index) => contentFrames(answer, index, chunks))
  const longest = Math.max(...byChoice.map((one) => one.length))
  for (let at = 0; at < longest; at++) for (const one of byChoice) if (one[at]) frames.push(one[at] as Frame)
  for (let index = 0; index < request.choices; index++) {
    const isLast = answer.isGroq && index === request.choices - 1
    const extra = isLast ? `,"x_groq":${JSON.stringify({ id: `req_${answer.id.slice(-24)}`, usage: answer.usage })}` : ''
    frames.push(chunks.choice(index, '{}', { finishReason: answer.finishReason, extra }))
  }
  const addsUsage = request.includesUsage && answer.usage !== undefined
  if (addsUsage) frames.push(chunks.usage(answer.usage as object))
  frames.push({ text: 'data: [DONE]\n\n', tokens: 0 })
  const error = `data: ${JSON.stringify({ error: serverError() })}\n\n`
  return {
    kind: 'stream',
    plan,
    frames,
    sendsUsage: addsUsage || (answer.isGroq && answer.usage !== undefined),
    failure: { error, failed: error },
  }
}

type ChunkWriter = ReturnType<typeof chunkWriter>

/** Chunks are put together as text: this is the part of the simulator that runs most. */
function chunkWriter(answer: ChatAnswer, random: Random) {
  const head = `data: {"id":"${answer.id}","object":"chat.completion.chunk","created":${answer.created},"model":${JSON.stringify(answer.modelName)},"service_tier":"default","system_fingerprint":"fp_simulated"`
  // With include_usage every chunk has the field; without, none.
  const usage = answer.request.includesUsage ? ',"usage":null' : ''
  const padding = random.id(64)
  let chunk = 0
  const obfuscation = () => {
    if (!answer.request.includesObfuscation) return ''
    const from = (chunk++ * 7) % 48
    return `,"obfuscation":"${padding.slice(from, from + 4 + (from % 12))}"`
  }
  return {
    choice(index: number, delta: string, more: { tokens?: number; finishReason?: string; extra?: string } = {}): Frame {
      const { tokens = 0, finishReason, extra = '' } = more
      const finish = finishReason === undefined ? 'null' : `"${finishReason}"`
      const choice = `,"choices":[{"index":${index},"delta":${delta},"logprobs":null,"finish_reason":${finish}}]`
      return { text: `${head}${choice}${usage}${extra}${obfuscation()}}\n\n`, tokens }
    },
    usage(value: object): Frame {
      return { text: `${head},"choices":[],"usage":${JSON.stringify(value)}${obfuscation()}}\n\n`, tokens: 0 }
    },
  }
}

function contentFrames(answer: ChatAnswer, index: number, chunks: ChunkWriter): Frame[] {
  const { content, plan, request } = answer
  const tokens = shareOf(plan.visibleTokens, request.choices, index)
  if (content === undefined) {
    const pieces = textPieces(plan, plan.textStart + index * 97, tokens)
    return pieces.map((piece) => chunks.choice(index, `{"content":"${piece.text}"}`, { tokens: piece.tokens }))
  }
  if (content.kind === 'calls') return callFrames(answer, index, chunks)
  const field = content.kind === 'refusal' ? 'refusal' : 'content'
  const pieces = fixedPieces(plan, content.texts[0] ?? '', tokens)
  return pieces.map((piece) => chunks.choice(index, `{"${field}":${JSON.stringify(piece.text)}}`, { tokens: piece.tokens }))
}

function callFrames(answer: ChatAnswer, index: number, chunks: ChunkWriter): Frame[] {
  const { content, plan, request } = answer
  const texts = content?.texts ?? []
  const tokens = shareOf(plan.visibleTokens, request.choices, index)
  return texts.flatMap((text, call) => {
    const start = { index: call, id: answer.callIds[call], type: 'function', function: { name: request.calls[call]?.name, arguments: '' } }
    const pieces = fixedPieces(plan, text, shareOf(tokens, texts.length, call))
    return [
      chunks.choice(index, JSON.stringify({ tool_calls: [start] })),
      ...pieces.map((piece) => {
        const delta = { tool_calls: [{ index: call, function: { arguments: piece.text } }] }
        return chunks.choice(index, JSON.stringify(delta), { tokens: piece.tokens })
      }),
    ]
  })
}
