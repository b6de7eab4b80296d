/** The `aiwatch` command. */
import { parseArgs } from 'node:util'
import { DEFAULT_URL, findCollector } from './cli/find-collector.ts'
import { runTop } from './cli/run-top.ts'
import { VERSION } from './version.ts'

const HELP = `aiwatch: live figures of calls to language models

Usage:
  aiwatch top [--url URL] [--interval SECONDS] [--once]

Commands:
  top           rates, users, models and errors, refreshed in place; plain text when not in a terminal

Options:
  --url URL     the collector; default: AIWATCH_URL, else what npm start wrote to .aiwatch/env, else ${DEFAULT_URL}
  --interval S  seconds between two pictures, default 1
  --once        print one picture and end; status 1 when there is no collector
  --help        this text
  --version     the version

In top, q or Ctrl-C ends. NO_COLOR=1 turns colours off.
`

const USAGE_ERROR = 2
const MIN_INTERVAL_SECONDS = 0.1

class UsageError extends Error {}

function parseInterval(text: string | undefined): number {
  const seconds = text === undefined ? 1 : Number(text)
  if (text?.trim() === '' || !(seconds >= MIN_INTERVAL_SECONDS && seconds <= 3600)) {
    throw new UsageError(`--interval must be a number of seconds from ${MIN_INTERVAL_SECONDS} to 3600, got ${JSON.stringify(text)}`)
  }
  return seconds * 1000
}

function parseCommandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        url: { type: 'string' },
        interval: { type: 'string' },
        once: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', short: 'v', default: false },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function resolveUrl(asked: string | undefined): URL {
  try {
    return findCollector(asked, process.env, process.cwd())
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
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
  const [command, extra] = positionals
  if (command === undefined) throw new UsageError('which command?')
  if (command !== 'top') throw new UsageError(`no such command: ${command}`)
  if (extra !== undefined) throw new UsageError(`top takes no ${JSON.stringify(extra)}`)
  return runTop({ url: resolveUrl(values.url), intervalMs: parseInterval(values.interval), once: values.once })
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
