/** What the choices of a chat answer say. */
import type { AnswerPlan } from '../plan-answer.ts'
import { sampleSchema } from '../sample-schema.ts'
import { cutText, tokenText } from '../token-text.ts'
import type { ChatRequest } from './chat-request.ts'

/** An answer that does not follow from a number of tokens. */
export interface FixedContent {
  kind: 'json' | 'refusal' | 'calls'
  texts: string[]
}

const REFUSAL = "I'm sorry, I can't help with that."

export function fixedContent(request: Pick<ChatRequest, 'calls' | 'jsonSchema'>, refuses: boolean): FixedContent | undefined {
  if (refuses) return { kind: 'refusal', texts: [REFUSAL] }
  if (request.calls.length > 0) {
    return { kind: 'calls', texts: request.calls.map((call) => JSON.stringify(sampleSchema(call.parameters) ?? {})) }
  }
  if (request.jsonSchema === undefined) return undefined
  const value = request.jsonSchema === null ? { answer: 'river' } : sampleSchema(request.jsonSchema)
  return { kind: 'json', texts: [JSON.stringify(value)] }
}

export function charactersOf(content: FixedContent | undefined): number | undefined {
  return content?.texts.reduce((sum, text) => sum + text.length, 0)
}

/** Splits a whole number into parts that differ by at most one. */
export function shareOf(total: number, parts: number, index: number): number {
  return Math.floor(((index + 1) * total) / parts) - Math.floor((index * total) / parts)
}

export interface Piece {
  text: string
  tokens: number
}

/** The streamed pieces of free text: `chunkTokens` in each. */
export function textPieces(plan: AnswerPlan, start: number, tokens: number): Piece[] {
  const pieces: Piece[] = []
  for (let at = 0; at < tokens; at += plan.chunkTokens) {
    const count = Math.min(plan.chunkTokens, tokens - at)
    pieces.push({ text: pieceText(start + at, count, at === 0), tokens: count })
  }
  return pieces
}

/** The streamed pieces of a text that is given, with the tokens that are planned for it spread over them. */
export function fixedPieces(plan: AnswerPlan, text: string, tokens: number): Piece[] {
  const pieces = cutText(text, 4 * plan.chunkTokens)
  return pieces.map((piece, index) => ({ text: piece, tokens: shareOf(tokens, pieces.length, index) }))
}

/** Free text without the space before its first word. */
export function freeText(plan: AnswerPlan, start: number, tokens: number): string {
  return plan.visibleTokens === 0 ? '' : pieceText(start, tokens, true)
}

function pieceText(start: number, count: number, isFirst: boolean): string {
  const text = tokenText(start, count)
  return isFirst ? text.slice(1) : text
}
