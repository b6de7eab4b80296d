import { parser } from '@prometheus-io/lezer-promql'

/** The vector selectors of an expression, as they stand in it. Throws a SyntaxError where it is no PromQL. */
export function promqlSelectors(expression: string): string[] {
  const selectors: string[] = []
  parser.parse(expression).iterate({
    enter: ({ name, from, to, type }) => {
      if (type.isError) throw new SyntaxError(`no PromQL at ${from}: ${expression}`)
      if (name === 'VectorSelector') selectors.push(expression.slice(from, to))
    },
  })
  return selectors
}
