import type { DataLink } from '@grafana/data'
import { APP_PATH } from '../plugin-ids.ts'

/** Time range and variables go along. */
export const linkToPage = (page: string, title: string): DataLink => ({ title, url: `${APP_PATH}/${page}\${__url.params}` })

/** From a cell of a table to the page of what it names. */
export const linkToNamed = (page: string, title: string): DataLink => ({
  title,
  url: `${APP_PATH}/${page}/\${__value.raw:percentencode}\${__url.params}`,
})

/** To a page with filters of its own: variable → text, such as a column of the row. The others go along. */
export function linkToFiltered(page: string, title: string, filters: Record<string, string>): DataLink {
  const names = Object.keys(filters).map((name) => `var-${name}`)
  const own = Object.entries(filters).map(([name, text]) => `var-${name}=${text}`)
  return { title, url: `${APP_PATH}/${page}\${__url.params:exclude:${names.join(',')}}&${own.join('&')}` }
}

/** The value of the cell that has the link, and one of another column of its row. */
export const CELL = `\${__value.raw:percentencode}`
export const column = (name: string) => `\${__data.fields.${name}:percentencode}`
