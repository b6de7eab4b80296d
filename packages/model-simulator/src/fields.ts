/** Reads of a request's fields. Each throws an ApiError (400) whose `param` is the field. */
import { invalidRequest } from './api-error.ts'
import { isObject } from './is-object.ts'

type Body = Record<string, unknown>

export function requireModel(body: Body): string {
  const model = body['model']
  if (model === undefined || model === '') throw invalidRequest('you must provide a model parameter', 'model')
  if (typeof model !== 'string') throw wrongType('model', 'a string', model)
  return model
}

export function requireField(body: Body, name: string): unknown {
  if (body[name] === undefined || body[name] === null) {
    throw invalidRequest(`Missing required parameter: '${name}'.`, name, 'missing_required_parameter')
  }
  return body[name]
}

export function optionalBoolean(body: Body, name: string): boolean {
  const value = body[name]
  if (value === undefined || value === null) return false
  if (typeof value !== 'boolean') throw wrongType(name, 'a boolean', value)
  return value
}

export function optionalNumber(body: Body, name: string, range: { least: number; most: number; isWhole?: boolean }): number | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || (range.isWhole && !Number.isInteger(value))) {
    throw wrongType(name, range.isWhole ? 'an integer' : 'a number', value)
  }
  if (value < range.least) throw invalidRequest(outOfRange(name, value, `>= ${range.least}`), name, 'integer_below_min_value')
  if (value > range.most) throw invalidRequest(outOfRange(name, value, `<= ${range.most}`), name, 'integer_above_max_value')
  return value
}

export function optionalObject(body: Body, name: string): Body | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw wrongType(name, 'an object', value)
  return value
}

export function optionalArray(body: Body, name: string): unknown[] | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw wrongType(name, 'an array', value)
  return value
}

export function refuseUnknown(body: Body, refused: readonly string[]): void {
  for (const name of refused) {
    if (name in body) throw invalidRequest(`Unknown parameter: '${name}'.`, name, 'unknown_parameter')
  }
}

export function wrongType(name: string, wanted: string, value: unknown): Error {
  const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`
  return invalidRequest(`Invalid type for '${name}': expected ${wanted}, but got ${got} instead.`, name, 'invalid_type')
}

function outOfRange(name: string, value: number, rule: string): string {
  return `Invalid '${name}': expected a value ${rule}, but got ${value} instead.`
}
