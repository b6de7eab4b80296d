import type { DataLink } from '@grafana/data'
import { APP_PATH } from '../plugin-ids.ts'

/** Time range and variables go along. */
export const linkToPage = (page: string, title: string): DataLink => ({ title, url: `${APP_PATH}/${page}\${__url.params}` })

/** From a cell of a table to the page of what it names. */
export const linkToNamed = (page: string, title: string): DataLink => ({
  title,
  url: `${APP_PATH}/${page}/\${__value.raw:percentencode}\${__url.params}`,
})
