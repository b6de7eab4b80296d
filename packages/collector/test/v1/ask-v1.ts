/** Requests to /v1 whose replies are what the contract says, no field more and none less. */
import { expect } from 'vitest'
import type { z } from 'zod'
import { OPERATIONS, type Operation, type OperationName, type Problem, problemSchema } from '../../src/contract/index.ts'

type Reply<Name extends OperationName> = z.output<(typeof OPERATIONS)[Name]['reply']>

export interface Question {
  id?: string | undefined
  query?: Record<string, string> | string | undefined
  body?: unknown
  headers?: Record<string, string>
}

export function urlOf(base: string, operation: Operation, { id = '', query = {} }: Question): string {
  const text = new URLSearchParams(query).toString()
  return `${base}${operation.path.replace('{id}', encodeURIComponent(id))}${text ? `?${text}` : ''}`
}

export function send(base: string, name: OperationName, question: Question = {}): Promise<Response> {
  const operation: Operation = OPERATIONS[name]
  return fetch(urlOf(base, operation, question), {
    method: operation.method,
    headers: question.headers ?? {},
    ...(question.body === undefined ? {} : { body: JSON.stringify(question.body) }),
  })
}

/** An object schema drops what it does not know: a reply that is equal to what it makes of it has no field too many. */
export function expectExact(schema: z.ZodType, body: unknown): void {
  expect(schema.parse(body)).toEqual(body)
}

export async function askV1<Name extends OperationName>(base: string, name: Name, question: Question = {}): Promise<Reply<Name>> {
  const response = await send(base, name, question)
  const body: unknown = await response.json()
  expect(response.status, JSON.stringify(body)).toBe(200)
  expectExact(OPERATIONS[name].reply, body)
  return body as Reply<Name>
}

export async function askProblem(base: string, name: OperationName, question: Question = {}): Promise<Problem> {
  return readProblem(await send(base, name, question))
}

export async function readProblem(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  const body: unknown = await response.json()
  expectExact(problemSchema, body)
  expect((body as Problem).status).toBe(response.status)
  return body as Problem
}
