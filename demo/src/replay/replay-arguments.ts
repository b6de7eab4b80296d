/** The command line of the replay. */
import { basename } from 'node:path'
import { parseArgs } from 'node:util'

export interface ReplayArguments {
  files: { path: string; app: string }[]
  speed: number
  stream: boolean
  concurrency: number
  /** Rows of each file. */
  limit: number | undefined
  model: string
}

export const REPLAY_USAGE = `npm run replay -- FILE… [options]

Makes the calls of recorded traces (TIMESTAMP,ContextTokens,GeneratedTokens) through a wrapped client, each file as an app, and
compares what was counted with the sums of the files. Exit code 1 when they differ.

  --speed N         times faster than recorded (60)
  --stream          streamed answers, in chunks of 16 tokens
  --app NAME        name of the app; once per file, in order (the file's name without extension)
  --concurrency N   calls open at the same time (256)
  --limit N         only the first N rows of each file
  --model NAME      model to ask for (gpt-4o-mini)

The calls go to a simulated model of its own, or to OPENAI_BASE_URL. Redis: AIWATCH_REDIS_URL, else what npm start wrote.`

/** Throws a TypeError that names the option. */
export function readReplayArguments(args: string[]): ReplayArguments | 'help' {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      speed: { type: 'string', default: '60' },
      stream: { type: 'boolean', default: false },
      app: { type: 'string', multiple: true, default: [] },
      concurrency: { type: 'string', default: '256' },
      limit: { type: 'string' },
      model: { type: 'string', default: 'gpt-4o-mini' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  if (positionals.length === 0) throw new TypeError('no trace file is given')
  if (values.app.length > positionals.length) throw new TypeError('--app is given more often than there are files')
  const files = positionals.map((path, index) => ({ path, app: values.app[index] ?? basename(path).replace(/\.[^.]*$/, '') }))
  if (new Set(files.map(({ app }) => app)).size < files.length) throw new TypeError('two files have the same app; name them by --app')
  return {
    files,
    speed: positive('--speed', values.speed),
    stream: values.stream,
    concurrency: positive('--concurrency', values.concurrency, true),
    limit: values.limit === undefined ? undefined : positive('--limit', values.limit, true),
    model: values.model,
  }
}

function positive(option: string, text: string, isWhole = false): number {
  const value = Number(text)
  if (!(value > 0) || !Number.isFinite(value) || (isWhole && !Number.isInteger(value))) {
    throw new TypeError(`${option} must be a ${isWhole ? 'whole number' : 'number'} above 0, got "${text}"`)
  }
  return value
}
