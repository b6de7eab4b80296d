/** Answers a question of the contract, however it came: checked, and shared with all who ask the same. */
import type { z } from 'zod'
import { OPERATIONS, type Operation, type OperationName } from '../../contract/index.ts'
import type { Caller } from '../authorise.ts'
import { Answer, type AnswerCache } from './answer-cache.ts'
import { type AskedWindow, type GivenQuestion, parseQuestion } from './parse-asked.ts'

/** Those with one answer in JSON of their own. */
export type AnsweredName = Exclude<OperationName, 'stream' | 'answers'>

export interface Asked<Name extends OperationName> {
  caller: Caller
  nowMs: number
  /** The path parameter; empty where there is none. */
  id: string
  query: z.output<(typeof OPERATIONS)[Name]['query']>
  /** Checked by who answers where the contract only describes it. */
  body: unknown
  /** From the query's `from` and `to`. */
  window: AskedWindow
}

/** An answer for each operation. Throws a QuestionError for what cannot be answered. */
export type Answers = {
  [Name in AnsweredName]: (asked: Asked<Name>) => Promise<z.output<(typeof OPERATIONS)[Name]['reply']>>
}

/** Throws a QuestionError for what does not fit the operation, or cannot be answered. */
export type AskOperation = (name: AnsweredName, caller: Caller, given: GivenQuestion) => Promise<Answer>

/** The same for every order of the parameters. */
function canonicalQuery(query: Record<string, unknown>): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) for (const one of [value].flat()) parameters.append(name, String(one))
  parameters.sort()
  return parameters.toString()
}

export function createAsk(answers: Answers, cache: AnswerCache): AskOperation {
  return async (name, caller, given) => {
    const operation: Operation = OPERATIONS[name]
    const nowMs = Date.now()
    const parsed = parseQuestion(operation, given, nowMs)
    const answer = answers[name] as (asked: unknown) => Promise<unknown>
    const key = JSON.stringify([caller.tenant, name, parsed.id, canonicalQuery(given.query), parsed.body])
    return cache.get(key, async () => Answer.of(await answer({ caller, nowMs, ...parsed })))
  }
}
