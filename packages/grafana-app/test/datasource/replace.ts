import type { Replace } from '../../src/datasource/interpolate.ts'

/** As Grafana: a variable is formatted, one that stands for all is its own text. */
export const replaceWith =
  (variables: Record<string, string | string[]>): Replace =>
  (text, _scoped, format) =>
    text.replace(/\$(?:(\w+)|\{(\w+)\})/g, (whole, plain: string | undefined, braced: string | undefined) => {
      const value = variables[plain ?? braced ?? '']
      if (value === undefined) return whole
      return value === '*' ? '*' : format(value)
    })
