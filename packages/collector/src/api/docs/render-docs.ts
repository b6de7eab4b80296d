/** `GET /docs`: the reference of /v1 as one page, made from the OpenAPI document. It loads nothing and runs no script. */
import { createHash } from 'node:crypto'
import { describeFields, describeType, type JsonSchema } from './describe-schema.ts'
import { escapeHtml, prose, table } from './html.ts'

interface Parameter {
  name: string
  in: string
  required?: boolean
  description?: string
  schema: JsonSchema
  example?: unknown
}

interface OperationDocument {
  operationId: string
  summary: string
  description?: string
  tags: string[]
  parameters: Parameter[]
  requestBody?: { content: Record<string, { schema: JsonSchema; example: unknown }> }
  responses: Record<string, { description: string; content?: Record<string, { schema: JsonSchema }> }>
  'x-aiwatch-role': string
}

export interface ApiDocument {
  info: { title: string; version: string; description: string }
  paths: Record<string, Record<string, OperationDocument>>
}

export interface ProblemKind {
  status: number
  name: string
  title: string
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 64rem; margin: 0 auto; padding: 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
pre { padding: .75rem; overflow-x: auto; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 4px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
section { margin-top: 3rem; }
a { color: LinkText; }
`

/** Nothing but the page's own style. */
export const DOCS_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

const wide = (html: string) => `<div class="wide">${html}</div>`

function exampleOf(path: string, method: string, { parameters, requestBody }: OperationDocument): string {
  const filled = parameters
    .filter((parameter) => parameter.in === 'path')
    .reduce((text, { name, example }) => text.replace(`{${name}}`, encodeURIComponent(String(example ?? name))), path)
  const query = new URLSearchParams(
    parameters
      .filter((parameter) => parameter.in === 'query' && parameter.example !== undefined)
      .map(({ name, example }): [string, string] => [name, String(example)]),
  ).toString()
  const body = Object.values(requestBody?.content ?? {})[0]?.example
  const lines = [
    `curl ${method === 'get' ? '' : `-X ${method.toUpperCase()} `}"http://127.0.0.1:8081${filled}${query ? `?${query}` : ''}"`,
    '-H "Authorization: Bearer $AIWATCH_API_KEY"',
    ...(body === undefined ? [] : [`-d '${JSON.stringify(body)}'`]),
  ]
  return lines.join(' \\\n  ')
}

function describeParameter({ name, in: place, required, description = '', schema }: Parameter): string[] {
  const fallback = schema.default === undefined ? '' : ` Default <code>${escapeHtml(String(schema.default))}</code>.`
  const kind = place === 'path' ? ', in the path' : required ? ', required' : ''
  return [`<code>${escapeHtml(name)}</code>`, escapeHtml(describeType(schema) + kind), prose(description) + fallback]
}

function fieldTable(schema: JsonSchema): string {
  const rows = describeFields(schema).map(({ path, type, description }) => [
    `<code>${escapeHtml(path)}</code>`,
    escapeHtml(type),
    prose(description),
  ])
  return rows.length > 0 ? wide(table(['Field', 'Type', 'Meaning'], rows)) : `<p>${prose(schema.description ?? describeType(schema))}</p>`
}

function renderOperation(path: string, method: string, operation: OperationDocument): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation
  const body = Object.values(requestBody?.content ?? {})[0]
  const reply = Object.entries(responses['200']?.content ?? {})[0]
  return `<section id="${escapeHtml(operationId)}"><h2><code>${method.toUpperCase()} ${escapeHtml(path)}</code></h2>
<p>${prose(summary)}. Needs a key of role <code>${escapeHtml(operation['x-aiwatch-role'])}</code>.</p>
${description ? `<p>${prose(description)}</p>` : ''}
<pre>${escapeHtml(exampleOf(path, method, operation))}</pre>
${parameters.length > 0 ? `<h3>Parameters</h3>${wide(table(['Name', 'Type', 'Meaning'], parameters.map(describeParameter)))}` : ''}
${body ? `<h3>Body</h3>${fieldTable(body.schema)}` : ''}
${reply ? `<h3>Reply (<code>${escapeHtml(reply[0])}</code>)</h3>${fieldTable(reply[1].schema)}` : ''}</section>`
}

export function renderDocs({ info, paths }: ApiDocument, problems: readonly ProblemKind[]): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const list = operations.map(({ path, method, operation }) => [
    `<a href="#${escapeHtml(operation.operationId)}"><code>${method.toUpperCase()} ${escapeHtml(path)}</code></a>`,
    prose(operation.summary),
  ])
  const kinds = problems.map(({ status, name, title }) => [`<span id="problem-${escapeHtml(name)}">${status}</span>`, escapeHtml(title)])
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(info.title)} API ${escapeHtml(info.version)}</title><style>${STYLE}</style></head>
<body><main><h1>${escapeHtml(info.title)} API ${escapeHtml(info.version)}</h1>
<p>${prose(info.description)} The same as OpenAPI 3.1: <a href="/openapi.json">/openapi.json</a>.</p>
<p>${prose('Send an API key as `Authorization: Bearer aiw_…`; `aiwatch keys create` makes one. Without any key the collector answers everyone on loopback, and listens nowhere else.')}</p>
${wide(table(['Operation', 'What it answers'], list))}
${operations.map(({ path, method, operation }) => renderOperation(path, method, operation)).join('\n')}
<section id="problems"><h2>Problems</h2>
<p>${prose('Errors are RFC 9457 documents: `type`, `title`, `status`, `detail`, and `field` where a part of the request is wrong.')}</p>
${wide(table(['Status', 'Title'], kinds))}</section></main></body></html>`
}
