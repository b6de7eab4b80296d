/** The reference: the OpenAPI document, and the page made from it. Both are made once, when they are first asked for. */
import type { Route } from '../create-app.ts'
import { buildOpenApi } from '../v1/openapi.ts'
import { PROBLEM_KINDS } from '../v1/problem.ts'
import { type ApiDocument, DOCS_POLICY, renderDocs } from './render-docs.ts'

export function docsRoutes(version: string): Route[] {
  let document: Record<string, unknown> | undefined
  let page: string | undefined
  const build = () => {
    document ??= buildOpenApi(version)
    return document
  }
  return [
    {
      method: 'GET',
      path: '/openapi.json',
      summary: 'the operations of /v1 as OpenAPI 3.1',
      isOpen: true,
      handler: (_request, response) => {
        response.json(build())
      },
    },
    {
      method: 'GET',
      path: '/docs',
      summary: 'the reference of /v1, to read',
      isOpen: true,
      handler: (_request, response) => {
        page ??= renderDocs(build() as unknown as ApiDocument, PROBLEM_KINDS)
        response.set({ 'content-security-policy': DOCS_POLICY, 'x-content-type-options': 'nosniff' }).type('html').send(page)
      },
    },
  ]
}
