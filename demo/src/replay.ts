/** `npm run replay -- FILE…`: see `REPLAY_USAGE`. */
import { AIWatch } from '@aiwatch/sdk'
import { describeReport } from './replay/describe-report.ts'
import { TraceFormatError } from './replay/read-trace.ts'
import { REPLAY_USAGE, type ReplayArguments, readReplayArguments } from './replay/replay-arguments.ts'
import { isExact, runReplay } from './replay/run-replay.ts'
import { progressReporter } from './replay/show-progress.ts'

/** Where a Redis is when no variable names one; the same as the SDK's. */
const DEFAULT_REDIS_URL = 'redis://127.0.0.1:6379'

async function replay(asked: ReplayArguments): Promise<boolean> {
  const redisUrl = process.env['AIWATCH_REDIS_URL'] || process.env['REDIS_URL'] || DEFAULT_REDIS_URL
  const tenant = process.env['AIWATCH_TENANT'] || 'default'
  const watch = new AIWatch({ redis: redisUrl, tenant })
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  const progress = progressReporter(process.stderr)
  const baseURL = process.env['OPENAI_BASE_URL'] || undefined
  console.error(
    `replaying ${asked.files.map(({ app }) => app).join(' and ')} ${asked.speed} times faster, to ${baseURL ?? 'a simulated model'}`,
  )
  const report = await runReplay({
    arguments: asked,
    watch,
    redisUrl,
    tenant,
    baseURL,
    signal: stop.signal,
    onProgress: progress.report,
  }).finally(progress.end)
  console.log(describeReport(report))
  await watch.close()
  return isExact(report)
}

try {
  const asked = readReplayArguments(process.argv.slice(2))
  if (asked === 'help') console.log(REPLAY_USAGE)
  else process.exitCode = (await replay(asked)) ? 0 : 1
} catch (error) {
  const isUsage = error instanceof TypeError
  console.error(`replay: ${error instanceof Error ? error.message : String(error)}${isUsage ? `\n\n${REPLAY_USAGE}` : ''}`)
  process.exitCode = error instanceof TraceFormatError || isUsage ? 2 : 1
}
// Keep-alive connections of the client would hold the process for some seconds.
process.exit()
