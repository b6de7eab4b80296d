/** The collector and its ports: who listens there, and what it says of itself. */
import { connect } from 'node:net'
import { z } from 'zod'
import { shorten } from '../../errors.ts'
import { VERSION } from '../../version.ts'
import { type Check, ok, problem, type Verdict, warning } from './finding.ts'

const TIMEOUT_MS = 2000
const START = 'run npm start, or give the address of one by --url or AIWATCH_URL'

export interface PortQuestion {
  host: string
  port: number
  /** What answers there if it is ours: `name` of `GET /`. */
  name: string
  setting: string
}

function isTaken({ host, port }: PortQuestion): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS })
    const finish = (taken: boolean) => {
      socket.destroy()
      resolve(taken)
    }
    socket.once('connect', () => finish(true))
    socket.once('timeout', () => finish(true))
    socket.once('error', () => finish(false))
  })
}

const rootSchema = z.object({ name: z.string(), version: z.string() })
const REALM = /^Bearer realm="([^"]+)"$/

/** Where a collector takes API keys only, the challenge of its refusal has its name. */
async function askRoot({ host, port }: PortQuestion): Promise<{ name: string; version?: string } | undefined> {
  try {
    const name = host.includes(':') ? `[${host}]` : host
    const response = await fetch(`http://${name}:${port}/`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    const realm = response.status === 401 ? REALM.exec(response.headers.get('www-authenticate') ?? '')?.[1] : undefined
    if (realm !== undefined) return { name: realm }
    return rootSchema.safeParse(await response.json()).data
  } catch {
    return undefined
  }
}

async function checkPort(question: PortQuestion): Promise<Verdict> {
  const { port, name, setting } = question
  if (!(await isTaken(question))) return ok(`${port} is free: no collector listens there`)
  const root = await askRoot(question)
  if (root?.name === name) return ok(`${port} is the collector's (${[name, root.version ?? 'with API keys'].join(' ')})`)
  return problem(`${port} is taken by something else`, `set ${setting} to another port, or stop what listens there`)
}

const healthSchema = z.object({
  status: z.string(),
  version: z.string(),
  uptime_seconds: z.number(),
  checks: z.object({
    redis: z.object({ status: z.string(), error: z.string().optional(), timeseries: z.string().optional(), kind: z.string().optional() }),
    sampler: z.object({ status: z.string(), error: z.string().optional() }).loose(),
  }),
})
type Health = z.output<typeof healthSchema>

/** Throws an Error whose text can be shown. */
async function askHealth(url: URL): Promise<Health> {
  let body: unknown
  try {
    const response = await fetch(new URL('health', url), { signal: AbortSignal.timeout(TIMEOUT_MS) })
    body = await response.json()
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } }
    throw new Error(`no collector at ${url.origin}: ${cause?.code ?? message}`)
  }
  const health = healthSchema.safeParse(body)
  if (!health.success) throw new Error(`what answers at ${url.origin} is no collector of this version`)
  return health.data
}

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
]

function showSpan(seconds: number): string {
  const [size, name] = UNITS.find(([unit]) => seconds >= unit * 2) ?? [1, 's']
  return `${Math.round(seconds / size)} ${name}`
}

function checkHealth(url: URL, { status, version, uptime_seconds, checks }: Health): Verdict[] {
  const verdicts: Verdict[] = []
  if (version !== VERSION)
    verdicts.push(warning(`${url.origin} runs version ${version}, this command is ${VERSION}`, 'run both from one version'))
  if (status !== 'ok') {
    const reason = shorten(checks.redis.error ?? 'it does not say why')
    return [...verdicts, problem(`${url.origin} cannot use its Redis: ${reason}`, 'see the Redis findings, and its AIWATCH_REDIS_URL')]
  }
  const { kind, timeseries } = checks.redis
  return verdicts.length > 0
    ? verdicts
    : [ok(`${url.origin} is well, up for ${showSpan(uptime_seconds)}, on ${kind ?? 'Redis'} (time series: ${timeseries ?? '?'})`)]
}

function checkSampler({ checks }: Health): Verdict {
  const { status, error } = checks.sampler
  if (status === 'off') return warning('off in this collector', 'let one collector sample (AIWATCH_SAMPLER=on), or metrics:… have gaps')
  if (status === 'down') return problem(`it cannot write: ${shorten(error ?? 'no reason given')}`, 'see the Redis findings')
  return ok(`${status}`)
}

export interface CollectorQuestion {
  url: URL
  ports: readonly PortQuestion[]
}

export function collectorChecks({ url, ports }: CollectorQuestion): Check[] {
  let health: Promise<Health> | undefined
  const ask = () => {
    health ??= askHealth(url)
    return health
  }
  return [
    ...ports.map((question): Check => ({ name: 'port', run: () => checkPort(question) })),
    {
      name: 'collector',
      run: () =>
        ask().then(
          (answer) => checkHealth(url, answer),
          (error: Error) => [warning(error.message, START)],
        ),
    },
    {
      name: 'sampler',
      run: () =>
        ask().then(
          (answer) => [checkSampler(answer)],
          () => [],
        ),
    },
  ]
}
