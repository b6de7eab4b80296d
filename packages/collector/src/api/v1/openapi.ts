/** The OpenAPI 3.1 document of /v1, made from the contract. */
import { z } from 'zod'
import { OPERATIONS, type Operation, problemSchema } from '../../contract/index.ts'

type Json = Record<string, unknown>

const PROBLEMS: Record<string, string> = {
  400: 'The request is not valid; `field` names the part.',
  401: 'An API key is needed, or the one given is not known.',
  403: 'The role of the API key does not allow it.',
  404: 'There is no such thing.',
  503: 'Redis does not answer.',
}

const toSchema = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' }) as Json
  return json
}

function parametersOf(operation: Operation): Json[] {
  const { properties = {}, required = [] } = toSchema(operation.query, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  const query = Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = schema
    const example = operation.example.query?.[name]
    return {
      name,
      in: 'query',
      required: required.includes(name),
      ...(description ? { description } : {}),
      schema: rest,
      ...(example === undefined ? {} : { example }),
    }
  })
  if (!operation.path.includes('{id}')) return query
  return [{ name: 'id', in: 'path', required: true, schema: { type: 'string' }, example: operation.example.id }, ...query]
}

function describeOperation(operation: Operation): Json {
  const problems = Object.entries(PROBLEMS).map(([status, description]) => [
    status,
    { description, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
  ])
  return {
    operationId: operation.id,
    summary: operation.summary,
    ...(operation.description ? { description: operation.description } : {}),
    tags: [operation.tag],
    parameters: parametersOf(operation),
    ...(operation.body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: toSchema(operation.body, 'input'), example: operation.example.body } },
          },
        }
      : {}),
    responses: {
      200: {
        description: 'The answer.',
        content: { [operation.replyType ?? 'application/json']: { schema: toSchema(operation.reply, 'output') } },
      },
      ...Object.fromEntries(problems),
    },
    security: [{ apiKey: [] }, {}],
    'x-aiwatch-role': operation.role,
  }
}

export function buildOpenApi(version: string): Json {
  const paths: Record<string, Json> = {}
  for (const operation of Object.values(OPERATIONS) as Operation[]) {
    const methods = paths[operation.path] ?? {}
    paths[operation.path] = { ...methods, [operation.method.toLowerCase()]: describeOperation(operation) }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'AIWatch',
      version,
      description:
        'What programs ask of language models: calls, tokens, money, latency, errors, users. Every number has its unit in its name or description.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem: toSchema(problemSchema, 'output') },
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key, `aiw_…`; without any key configured the collector answers on loopback to everyone.',
        },
      },
    },
  }
}
