/** The collector as a process: settings from the environment, an orderly end on SIGTERM and SIGINT. */
import { ConfigError, readConfig } from './config.ts'
import { createLog } from './log.ts'
import { startCollector } from './server.ts'

/** Longest time between the signal and the end. */
const EXIT_AFTER_MS = 1800

async function main(): Promise<void> {
  const config = readConfig(process.env)
  const collector = await startCollector(config)
  const log = createLog(config.logLevel)
  let ending = false
  const end = async (signal: string) => {
    if (ending) return
    ending = true
    log.info('collector ends', { signal })
    setTimeout(() => process.exit(1), EXIT_AFTER_MS).unref()
    await collector.close()
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(signal))
}

main().catch((error: Error) => {
  console.error(error instanceof ConfigError ? error.message : `the collector did not start: ${error.message}`)
  process.exitCode = 1
})
