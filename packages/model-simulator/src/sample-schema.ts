/** The least JSON value that a JSON schema allows: what a model under `strict` answers with, minus the sense. */
import { isObject } from './is-object.ts'

const MAX_DEPTH = 12
/** Schemas come from outside and can ask for more values than there is memory. */
const MAX_VALUES = 10_000

export function sampleSchema(schema: unknown): unknown {
  return sample(schema, { root: schema, left: MAX_VALUES }, 0)
}

interface Sampling {
  root: unknown
  left: number
}

function sample(schema: unknown, sampling: Sampling, depth: number): unknown {
  if (!isObject(schema) || depth > MAX_DEPTH || sampling.left-- <= 0) return null
  if ('const' in schema) return schema['const']
  if (Array.isArray(schema['enum'])) return schema['enum'][0] ?? null
  if (typeof schema['$ref'] === 'string') return sample(followReference(schema['$ref'], sampling.root), sampling, depth + 1)
  const variants = schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf']
  if (Array.isArray(variants)) return sample(variants[0], sampling, depth + 1)
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type']
  if (type === 'object' || isObject(schema['properties'])) return sampleObject(schema, sampling, depth)
  if (type === 'array') return sampleArray(schema, sampling, depth)
  if (type === 'string') return sampleString(schema)
  if (type === 'number' || type === 'integer') return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1
  return type === 'boolean' ? true : null
}

function sampleObject(schema: Record<string, unknown>, sampling: Sampling, depth: number): object {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, sample(property, sampling, depth + 1)]))
}

function sampleArray(schema: Record<string, unknown>, sampling: Sampling, depth: number): unknown[] {
  const length = typeof schema['minItems'] === 'number' ? Math.min(schema['minItems'], Math.max(0, sampling.left)) : 1
  return Array.from({ length }, () => sample(schema['items'], sampling, depth + 1))
}

const FORMATS: Record<string, string> = {
  'date-time': '2025-01-31T12:00:00Z',
  date: '2025-01-31',
  time: '12:00:00Z',
  email: 'ada@example.com',
  uuid: '123e4567-e89b-42d3-a456-426614174000',
  uri: 'https://example.com',
}

function sampleString(schema: Record<string, unknown>): string {
  const format = typeof schema['format'] === 'string' ? FORMATS[schema['format']] : undefined
  const least = typeof schema['minLength'] === 'number' ? Math.min(schema['minLength'], 10_000) : 0
  return (format ?? 'river').padEnd(least, '.')
}

function followReference(reference: string, root: unknown): unknown {
  if (reference === '#') return root
  let at: unknown = root
  for (const part of reference.replace(/^#\//, '').split('/')) at = isObject(at) ? at[part] : undefined
  return at
}
