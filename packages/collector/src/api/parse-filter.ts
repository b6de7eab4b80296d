/** Filters by labels as callers write them: an object, or expressions like those of TS.MRANGE … FILTER. */
import { decodeLabel } from '@aiwatch/store'
import { z } from 'zod'
import type { LabelMatcher } from '../analytics/series/label-filter.ts'

const MAX_MATCHERS = 20
const MAX_VALUES = 100
const MAX_VALUE_CHARACTERS = 2048

const LABEL_FORMS = 'a name, a list of names, null (the label is absent), or {"not": one of these}'
const EXPRESSION_FORMS = '"label=value", "label!=value", "label=(a,b)", "label!=(a,b)", "label=" (absent) or "label!=" (there)'
const EXPRESSION = /^([A-Za-z_][A-Za-z0-9_.-]*)(!?=)(.*)$/s

const name = z
  .string()
  .min(1, 'must not be empty: null means that the label is absent')
  .max(MAX_VALUE_CHARACTERS, `must be at most ${MAX_VALUE_CHARACTERS} characters long`)
const names = z.union([
  name.transform((value) => [value]),
  z.array(name).min(1, 'must hold a name').max(MAX_VALUES, `must hold at most ${MAX_VALUES} names`),
  z.null(),
])
const negated = z.strictObject({ not: names })

/** The values that an expression lists; undefined when it cannot be read. Special characters in a value are percent-encoded, as in labels. */
function parseValues(text: string): string[] | null | undefined {
  if (text === '') return null
  const isList = text.startsWith('(') && text.endsWith(')')
  const values = isList ? text.slice(1, -1).split(',') : [text]
  if (values.length > MAX_VALUES || values.some((value) => value === '' || value.length > MAX_VALUE_CHARACTERS)) return undefined
  return values.some((value) => /%(?![0-9A-Fa-f]{2})/.test(value)) ? undefined : values.map(decodeLabel)
}

function parseExpression(text: string, field: string): LabelMatcher | undefined {
  const [, label, operator, rest] = EXPRESSION.exec(text) ?? []
  if (label === undefined || rest === undefined) return undefined
  const values = parseValues(rest)
  return values === undefined ? undefined : { label, values, negated: operator === '!=', field }
}

function parseExpressions(texts: readonly unknown[], context: z.RefinementCtx): LabelMatcher[] {
  return texts.flatMap((text, index) => {
    const matcher = typeof text === 'string' ? parseExpression(text, `filter.${index}`) : undefined
    if (matcher) return [matcher]
    context.addIssue({
      code: 'custom',
      path: [index],
      message: `must be an expression: ${EXPRESSION_FORMS}; in a value %, comma and brackets are percent-encoded`,
    })
    return []
  })
}

function parseObject(filter: object, context: z.RefinementCtx): LabelMatcher[] {
  return Object.entries(filter).flatMap(([label, given]): LabelMatcher[] => {
    const field = `filter.${label}`
    const plain = names.safeParse(given)
    if (plain.success) return [{ label, values: plain.data, negated: false, field }]
    const opposite = negated.safeParse(given)
    if (opposite.success) return [{ label, values: opposite.data.not, negated: true, field }]
    context.addIssue({ code: 'custom', path: [label], message: `must be ${LABEL_FORMS}` })
    return []
  })
}

export const filterSchema = z.unknown().transform((filter, context): LabelMatcher[] => {
  if (filter === undefined || filter === null) return []
  const isObject = typeof filter === 'object'
  if (!isObject && typeof filter !== 'string') {
    context.addIssue({ code: 'custom', message: 'must be an object of labels or a list of expressions' })
    return z.NEVER
  }
  const count = isObject ? Object.keys(filter).length : 1
  if (count > MAX_MATCHERS) {
    context.addIssue({ code: 'custom', message: `must have at most ${MAX_MATCHERS} parts, got ${count}` })
    return z.NEVER
  }
  if (typeof filter === 'string') return parseExpressions([filter], context)
  return Array.isArray(filter) ? parseExpressions(filter, context) : parseObject(filter, context)
})
