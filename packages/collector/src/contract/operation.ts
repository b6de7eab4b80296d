import type { z } from 'zod'

export const ROLES = ['ingest', 'read', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** One operation of /v1: what validates it, documents it and types its callers. */
export interface Operation<Query extends z.ZodType = z.ZodType, Reply extends z.ZodType = z.ZodType, Body extends z.ZodType = z.ZodType> {
  /** `operationId` of OpenAPI; unique. */
  id: string
  method: 'GET' | 'POST' | 'DELETE'
  /** With `{id}` for the only path parameter, where there is one. */
  path: `/v1/${string}`
  /** One line. */
  summary: string
  description?: string
  tag: string
  /** The least that a key must be allowed. */
  role: Role
  query: Query
  body?: Body
  /** True where `body` only describes: who answers checks it. */
  bodyIsDescribedOnly?: boolean
  reply: Reply
  /** What the reply is when it is not JSON. */
  replyType?: 'text/event-stream'
  /** A request that works on a tenant with data: shown in the reference, and run by a test. */
  example: { id?: string; query?: Record<string, string>; body?: unknown }
}

/** Keeps the types of the schemas. */
export function operation<Query extends z.ZodType, Reply extends z.ZodType, Body extends z.ZodType = z.ZodNever>(
  definition: Operation<Query, Reply, Body>,
): Operation<Query, Reply, Body> {
  return definition
}
