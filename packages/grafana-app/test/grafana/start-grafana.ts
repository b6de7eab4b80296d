/** A real Grafana of its own for a test: loopback, an empty data folder, the built app, and nothing that reaches for the internet. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@aiwatch/test-servers'
import { startProgram } from '@aiwatch/test-servers/monitoring'
import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core'
import { APP_ID, DATA_SOURCE_TYPE } from '../../src/plugin-ids.ts'
import { BUILT_PLUGIN, grafanaServer } from './grafana-home.ts'

export const ROLES = ['viewer', 'editor', 'admin'] as const
/** Also the names of the users. */
export type Role = (typeof ROLES)[number]

export interface GrafanaOptions {
  /** With `datasources/`, `plugins/`, `dashboards/` and `alerting/`, as Grafana reads them. Default: nothing is provisioned. */
  provisioningDir?: string
  /** Added to the environment: what provisioned files name as `$NAME`, and `GF_*` settings. */
  env?: Readonly<Record<string, string>>
}

interface Request {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  body?: unknown
  headers?: Readonly<Record<string, string>>
  /** Default `admin`. */
  as?: Role
}

export interface Grafana {
  readonly url: string
  /** As the server reports it, such as `12.4.0`. */
  readonly version: string
  /** Asks Grafana's HTTP API, path with its leading slash. Throws an error with status and answer where it refuses. */
  api<Answer = unknown>(path: string, request?: Request): Promise<Answer>
  /** A window of its own in the browser, logged in. */
  login(browser: Browser, role: Role, options?: BrowserContextOptions): Promise<BrowserContext>
  /** SIGTERM; resolves when the process is gone and its folders are removed. */
  stop(): Promise<void>
}

const PASSWORD = 'a password of the test'
/** The migrations of an empty database take half a minute on a busy machine. */
const START_TIMEOUT_MS = 240_000
const LEAST_VERSION = [12, 4] as const

function settingsOf(work: string, port: number): Record<string, string> {
  return {
    GF_PATHS_DATA: join(work, 'data'),
    GF_PATHS_LOGS: join(work, 'logs'),
    GF_PATHS_PLUGINS: join(work, 'plugins'),
    GF_SERVER_HTTP_ADDR: '127.0.0.1',
    GF_SERVER_HTTP_PORT: String(port),
    GF_SECURITY_ADMIN_USER: 'admin',
    GF_SECURITY_ADMIN_PASSWORD: PASSWORD,
    GF_SECURITY_DISABLE_GRAVATAR: 'true',
    GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS: `${APP_ID},${DATA_SOURCE_TYPE}`,
    GF_PLUGINS_PREINSTALL_DISABLED: 'true',
    GF_PLUGINS_PLUGIN_ADMIN_EXTERNAL_MANAGE_ENABLED: 'false',
    GF_ANALYTICS_REPORTING_ENABLED: 'false',
    GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
    GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
    GF_NEWS_NEWS_FEED_ENABLED: 'false',
    GF_LOG_LEVEL: 'warn',
  }
}

async function ask<Answer>(
  url: string,
  path: string,
  { method = 'GET', body, headers: own = {}, as = 'admin' }: Request = {},
): Promise<Answer> {
  const authorization = `Basic ${Buffer.from(`${as}:${PASSWORD}`).toString('base64')}`
  const headers = { authorization, ...own, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  const text = await response.text()
  if (!response.ok) throw new Error(`Grafana answered ${method} ${path} as ${as} with ${response.status}: ${text.slice(0, 500)}`)
  return (text === '' ? undefined : JSON.parse(text)) as Answer
}

async function createUser(url: string, login: Role, role: 'Viewer' | 'Editor'): Promise<void> {
  const user = { name: login, login, email: `${login}@localhost`, password: PASSWORD, OrgId: 1 }
  const { id } = await ask<{ id: number }>(url, '/api/admin/users', { method: 'POST', body: user })
  await ask(url, `/api/org/users/${id}`, { method: 'PATCH', body: { role } })
}

/** Throws where it is older than the app takes, or was built without being told its version: then it loads no app. */
async function readVersion(url: string): Promise<string> {
  const { version } = await ask<{ version: string }>(url, '/api/health')
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor, leastMinor] = LEAST_VERSION
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return version
  throw new Error(`the Grafana of GRAFANA_HOME says that it is ${version}; the app needs ${LEAST_VERSION.join('.')} or later`)
}

async function login(url: string, browser: Browser, role: Role, options: BrowserContextOptions): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: url, ...options })
  const response = await context.request.post('/login', { data: { user: role, password: PASSWORD } })
  if (!response.ok()) throw new Error(`Grafana did not log ${role} in: ${response.status()} ${await response.text()}`)
  return context
}

/** Takes some 20 s. `GRAFANA_HOME` must name an unpacked Grafana, and the app must be built: see `describeWithGrafana`. */
export async function startGrafana({ provisioningDir, env = {} }: GrafanaOptions = {}): Promise<Grafana> {
  const home = process.env['GRAFANA_HOME'] ?? ''
  const server = grafanaServer(home)
  if (!server) throw new Error('GRAFANA_HOME names no unpacked Grafana')
  const work = mkdtempSync(join(tmpdir(), 'aiwatch-grafana-'))
  const provisioning = provisioningDir ?? join(work, 'provisioning')
  mkdirSync(provisioning, { recursive: true })
  // A copy, so that the app can be built again meanwhile.
  cpSync(BUILT_PLUGIN, join(work, 'plugins', APP_ID), { recursive: true })
  const port = await freePort()
  const program = await startProgram({
    path: server.path,
    args: [...server.args, '--homepath', home],
    port,
    readyPath: '/api/health',
    env: { ...settingsOf(work, port), GF_PATHS_PROVISIONING: provisioning, ...env },
    startTimeoutMs: START_TIMEOUT_MS,
  })
  const stop = async () => {
    await program.stop()
    rmSync(work, { recursive: true, force: true })
  }
  try {
    const version = await readVersion(program.url)
    await createUser(program.url, 'viewer', 'Viewer')
    await createUser(program.url, 'editor', 'Editor')
    return {
      url: program.url,
      version,
      api: (path, request) => ask(program.url, path, request),
      login: (browser, role, options = {}) => login(program.url, browser, role, options),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
