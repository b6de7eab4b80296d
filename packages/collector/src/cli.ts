/** The `aiwatch` command. */
import { parseArgs } from 'node:util'
import { assertTenant } from '@aiwatch/store'
import { DEFAULT_URL, findCollector } from './cli/find-collector.ts'
import { DEFAULT_REDIS_URL, findRedis } from './cli/find-redis.ts'
import { parseSince } from './cli/parse-since.ts'
import { runDoctor } from './cli/run-doctor.ts'
import { runKeys } from './cli/run-keys.ts'
import { runTop } from './cli/run-top.ts'
import { runVerify } from './cli/run-verify.ts'
import { UsageError } from './cli/usage-error.ts'
import { VERSION } from './version.ts'

const HELP = `aiwatch: live figures of calls to language models

Usage:
  aiwatch top    [--url URL] [--interval SECONDS] [--once]
  aiwatch doctor [--redis URL] [--url URL] [--tenant NAME] [--strict] [--json]
  aiwatch verify [--redis URL] [--tenant NAME] [--since SPAN] [--json]
  aiwatch keys create --role ROLE --tenant NAME [--name TEXT] [--json]
  aiwatch keys list [--tenant NAME] [--json]
  aiwatch keys revoke ID [--json]

Commands:
  top           rates, users, models and errors, refreshed in place; plain text
                when not in a terminal
  doctor        checks Redis, ports, collector and settings; says what to do
                about each finding
  verify        compares what is kept in several forms: 10 s, 1 min and 1 h
                buckets, lifetime totals, latency, users; reads only
  keys          API keys of the collector: create prints one, once; roles are
                ingest, read and admin; all take --redis URL

Options:
  --url URL     the collector; default: AIWATCH_URL, else what npm start wrote
                to .aiwatch/env, else ${DEFAULT_URL}
  --redis URL   Redis (nodes of a cluster separated by commas); default:
                AIWATCH_REDIS_URL, REDIS_URL, else what npm start wrote, else
                ${DEFAULT_REDIS_URL}
  --tenant T    whose data; default: AIWATCH_TENANT, else default
  --since SPAN  compare hours from then on: 24h, 7d, or an instant such as
                2026-11-24T08:00:00Z; default 24h
  --strict      doctor: warnings count as problems
  --json        one JSON object for programs
  --interval S  seconds between two pictures, default 1
  --once        print one picture and end; status 1 when there is no collector
  --help        this text
  --version     the version

Exit status: 0 all is well, 1 problems or differences, 2 wrong usage.
A collector that has API keys needs one from top: AIWATCH_API_KEY.
In top, q or Ctrl-C ends. NO_COLOR=1 turns colours off.
`

const USAGE_ERROR = 2
const MIN_INTERVAL_SECONDS = 0.1
const DEFAULT_SINCE = '24h'

const OPTIONS = {
  url: { type: 'string' },
  redis: { type: 'string' },
  tenant: { type: 'string' },
  since: { type: 'string' },
  role: { type: 'string' },
  name: { type: 'string' },
  interval: { type: 'string' },
  once: { type: 'boolean' },
  strict: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

type Values = ReturnType<typeof parseCommandLine>['values']
type OptionName = keyof typeof OPTIONS

interface Command {
  options: readonly OptionName[]
  /** Whether words may follow the command's name. */
  takesWords?: boolean
  run(values: Values, words: readonly string[]): Promise<number>
}

function parseInterval(text: string | undefined): number {
  const seconds = text === undefined ? 1 : Number(text)
  if (text?.trim() === '' || !(seconds >= MIN_INTERVAL_SECONDS && seconds <= 3600)) {
    throw new UsageError(`--interval must be a number of seconds from ${MIN_INTERVAL_SECONDS} to 3600, got ${JSON.stringify(text)}`)
  }
  return seconds * 1000
}

function parseCommandLine() {
  try {
    return parseArgs({ allowPositionals: true, options: OPTIONS })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** What `find` returns; what it throws is a fault of the command line or of a variable. */
function orUsageError<Found>(find: () => Found): Found {
  try {
    return find()
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

const collectorOf = ({ url }: Values) => orUsageError(() => findCollector(url, process.env, process.cwd()))
const redisOf = ({ redis }: Values) => orUsageError(() => findRedis(redis, process.env, process.cwd()))
const tenantOf = ({ tenant }: Values) => orUsageError(() => assertTenant(tenant ?? (process.env['AIWATCH_TENANT'] || 'default')))

const COMMANDS: Record<string, Command> = {
  top: {
    options: ['url', 'interval', 'once'],
    run: (values) => runTop({ url: collectorOf(values), intervalMs: parseInterval(values.interval), once: values.once ?? false }),
  },
  doctor: {
    options: ['redis', 'url', 'tenant', 'strict', 'json'],
    run: (values) =>
      runDoctor({
        redis: redisOf(values),
        collector: collectorOf(values),
        tenant: tenantOf(values),
        strict: values.strict ?? false,
        json: values.json ?? false,
      }),
  },
  keys: {
    options: ['redis', 'role', 'tenant', 'name', 'json'],
    takesWords: true,
    run: (values, action) =>
      runKeys({
        redis: redisOf(values),
        action,
        role: values.role,
        tenant: values.tenant,
        name: values.name,
        json: values.json ?? false,
      }),
  },
  verify: {
    options: ['redis', 'tenant', 'since', 'json'],
    run: (values) =>
      runVerify({
        redis: redisOf(values),
        tenant: tenantOf(values),
        sinceSeconds: parseSince(values.since ?? DEFAULT_SINCE, Date.now()),
        json: values.json ?? false,
      }),
  },
}

async function run(): Promise<number> {
  const { values, positionals } = parseCommandLine()
  if (values.version) {
    process.stdout.write(`${VERSION}\n`)
    return 0
  }
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const [name, ...words] = positionals
  if (name === undefined) throw new UsageError('which command?')
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!command) throw new UsageError(`no such command: ${name}`)
  if (words[0] !== undefined && !command.takesWords) throw new UsageError(`${name} takes no ${JSON.stringify(words[0])}`)
  for (const option of Object.keys(values) as OptionName[]) {
    if (!command.options.includes(option)) throw new UsageError(`${name} takes no --${option}`)
  }
  return command.run(values, words)
}

run().then(
  (code) => {
    process.exitCode = code
  },
  (error: Error) => {
    process.stderr.write(error instanceof UsageError ? `aiwatch: ${error.message}\n\n${HELP}` : `aiwatch: ${error.stack}\n`)
    process.exitCode = error instanceof UsageError ? USAGE_ERROR : 1
  },
)
