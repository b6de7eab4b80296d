/** A JSON schema as the rows of a table: one a field, nested ones with the path to them. */

export interface JsonSchema {
  type?: string
  description?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  additionalProperties?: JsonSchema | boolean
  anyOf?: JsonSchema[]
  enum?: unknown[]
  const?: unknown
  default?: unknown
  format?: string
}

export interface FieldRow {
  path: string
  type: string
  description: string
}

const MAX_DEPTH = 6

const isNull = ({ type }: JsonSchema) => type === 'null'

/** The alternatives without null. */
function alternatives(schema: JsonSchema): JsonSchema[] {
  return schema.anyOf ? schema.anyOf.filter((one) => !isNull(one)) : [schema]
}

export function describeType(schema: JsonSchema): string {
  const orNull = schema.anyOf?.some(isNull) ? ' or null' : ''
  const names = alternatives(schema).map((one) => {
    if (one.const !== undefined) return JSON.stringify(one.const)
    if (one.enum) return one.enum.map((value) => JSON.stringify(value)).join(', ')
    if (one.type === 'array') return `list of ${one.items ? describeType(one.items) : 'anything'}`
    if (one.type === 'object' && !one.properties && typeof one.additionalProperties === 'object')
      return `map to ${describeType(one.additionalProperties)}`
    if (one.format === 'date-time') return 'ISO 8601 time'
    return one.type ?? 'anything'
  })
  return [...new Set(names)].join(' or ') + orNull
}

function childrenOf(schema: JsonSchema): [suffix: string, child: JsonSchema][] {
  return alternatives(schema).flatMap((one): [string, JsonSchema][] => {
    if (one.properties) return Object.entries(one.properties).map(([name, child]) => [`.${name}`, child])
    if (one.items) return childrenOf(one.items).map(([suffix, child]) => [`[]${suffix}`, child])
    if (typeof one.additionalProperties === 'object')
      return childrenOf(one.additionalProperties).map(([suffix, child]) => [`{}${suffix}`, child])
    return []
  })
}

export function describeFields(schema: JsonSchema, path = '', depth = 0): FieldRow[] {
  if (depth > MAX_DEPTH) return []
  const rows = new Map<string, FieldRow>()
  for (const [suffix, child] of childrenOf(schema)) {
    const own = `${path}${suffix}`.replace(/^\./, '')
    for (const row of [
      { path: own, type: describeType(child), description: child.description ?? '' },
      ...describeFields(child, own, depth + 1),
    ])
      if (!rows.has(row.path)) rows.set(row.path, row)
  }
  return [...rows.values()]
}
