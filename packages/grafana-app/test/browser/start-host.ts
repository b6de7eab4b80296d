/** Serves the host page, the built plugin as Grafana serves it, and the data source's proxy to a collector. */
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { passOn } from '../pass-on.ts'

const folder = dirname(fileURLToPath(import.meta.url))
const dist = join(folder, '../../dist')

const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.map': 'application/json',
}

const BOOT = JSON.stringify({
  user: {
    orgRole: 'Admin',
    isSignedIn: true,
    permissions: { 'datasources:explore': true, 'dashboards:create': true, 'dashboards:write': true },
    language: 'en-US',
    regionalFormat: 'en-US',
  },
  settings: {
    featureToggles: {},
    panels: {},
    datasources: {},
    apps: {},
    exploreEnabled: true,
    buildInfo: { version: '12.4.0' },
    appSubUrl: '',
  },
  navTree: [],
})

const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>AIWatch in a host page</title>
<meta name="viewport" content="width=device-width"></head><body style="margin:0"><div id="root"></div>
<script>window.grafanaBootData = ${BOOT}</script><script src="/host.js"></script></body></html>`

/** Scenes import the default options of table panels, which this version of the schema does not have. Panels here have none anyway. */
const addTableDefaults: Plugin = {
  name: 'add-table-defaults',
  setup: ({ onLoad }) =>
    onLoad({ filter: /table\/panelcfg\/x\/types\.gen\.mjs$/ }, ({ path }) => ({
      contents: `${readFileSync(path, 'utf8')}\nexport const defaultOptions = {}`,
    })),
}

async function bundleHost(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'host/host.tsx')],
    bundle: true,
    alias: { 'grafana-plugin-page': fileURLToPath(new URL('components/PluginPage.mjs', import.meta.resolve('@grafana/runtime'))) },
    write: false,
    format: 'iife',
    jsx: 'automatic',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"', global: 'window' },
    loader: { '.ttf': 'dataurl', '.woff2': 'dataurl', '.woff': 'dataurl', '.svg': 'dataurl', '.png': 'dataurl' },
    logLevel: 'error',
    plugins: [addTableDefaults],
    outdir: '/',
  })
  const script = outputFiles.find(({ path }) => path.endsWith('.js'))
  if (!script) throw new Error('the host page has no script')
  return script.contents
}

export interface Host {
  url: string
  /** Method, path and query of each question that went to the collector, alone or together with others. */
  questions: string[]
  /** The same of each request. */
  requests: string[]
  /** Answers each question so from then on, as Grafana does where the collector is away; undefined: the collector answers. */
  failWith(status: number | undefined): void
  close(): Promise<void>
}

const PROXY = '/api/datasources/proxy/uid/aiwatch/api'
/** A nested plugin is served from its own folder. */
const PLUGINS = {
  '/public/plugins/aiwatch-analytics-app/': dist,
  '/public/plugins/aiwatch-analytics-datasource/': join(dist, 'datasource'),
}

/** The questions of one request, while it is passed on. */
async function noteTogether(request: IncomingMessage, questions: string[]): Promise<void> {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  await once(request, 'end')
  const { questions: asked } = JSON.parse(Buffer.concat(parts).toString()) as { questions: { path: string; body?: unknown }[] }
  for (const { path, body } of asked) questions.push(`${body === undefined ? 'GET' : 'POST'} ${path}`)
}

function serveFile(path: string, response: ServerResponse): void {
  if (!existsSync(path)) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(readFileSync(path))
}

/** `collectorUrl`: of its analytics port. */
export async function startHost(collectorUrl: string): Promise<Host> {
  if (!existsSync(join(dist, 'module.js'))) throw new Error('build the app first: npm run build -w packages/grafana-app')
  const script = await bundleHost()
  const questions: string[] = []
  const requests: string[] = []
  let failure: number | undefined
  const server = createServer((request, response) => {
    const url = request.url ?? '/'
    if (url.startsWith(PROXY)) {
      const path = url.slice(PROXY.length)
      requests.push(`${request.method} ${path}`)
      if (path === '/v1/answers') void noteTogether(request, questions)
      else questions.push(`${request.method} ${path}`)
      if (failure !== undefined) return void response.writeHead(failure).end()
      return passOn(request, response, `${collectorUrl}${path}`)
    }
    if (url === '/host.js') return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
    for (const [prefix, root] of Object.entries(PLUGINS)) {
      if (url.startsWith(prefix)) return serveFile(join(root, normalize(url.slice(prefix.length).split('?')[0] ?? '')), response)
    }
    response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    questions,
    requests,
    failWith: (status) => {
      failure = status
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
