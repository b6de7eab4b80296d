/**
 * `npm start`: everything on this machine, with nothing installed beforehand but Node. Installs, builds, starts a private
 * Redis, the collector, a simulated model provider and demo traffic, and shows live figures until Ctrl-C.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { stateFolder } from './parts/cache-folders.mjs'
import { LEAST_REDIS_MAJOR } from './redis/server-program.mjs'
import { createChildren } from './start/children.mjs'
import { buildPackages, installWorkspaces, pinnedNodeEnv } from './start/install-and-build.mjs'
import { showLiveLine } from './start/live-line.mjs'
import {
  LOCAL_MODEL_OPTIONS,
  localModelLines,
  localModelPorts,
  localModelRows,
  readLocalModelSettings,
  runLocalModel,
} from './start/local-model.mjs'
import { endOrphans, rememberRunning } from './start/orphans.mjs'
import { assertPortsFree, readPort } from './start/ports.mjs'
import { lastLine } from './start/private-redis.mjs'
import { DEFAULT_REDIS_PORT, provideRedis, readRedisChoice } from './start/provide-redis.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stateDir = stateFolder()
/** A collector that listens and has no Redis by then has the wrong one. */
const COLLECTOR_TIMEOUT_MS = 8000
const LOADING_TIMEOUT_MS = 600_000

const HELP = `npm start [-- options]

  --redis <which>  stack (default): Redis with TimeSeries, of the PATH or Redis Stack by pip
                   plain: redis-server or valkey-server of the PATH, else Valkey by pip
                   valkey: valkey-server of the PATH, else Valkey by pip
                   redis://…: this Redis
                   What cannot be had is said, and the next one taken. Each kind keeps data of its own.
  --no-demo        neither the simulated provider nor demo traffic
  --local-model    a real model on this machine, and a few users who chat with it: llama-server of the PATH, else llama.cpp by pip
                   (34 MB), with SmolLM2-135M (93 MB)
  --model <file>   the same with a GGUF file of yours
  --help           this text

Variables: AIWATCH_REDIS (as --redis), REDIS_URL (use this Redis), AIWATCH_REDIS_PORT (${DEFAULT_REDIS_PORT}), ANALYTICS_PORT (8081),
TIMESERIES_PORT (8082), AIWATCH_SIMULATOR_PORT (8090), AIWATCH_MODEL_PORT (8091), AIWATCH_MODEL_FILE (as --model, with --local-model),
AIWATCH_STATE_DIR (.aiwatch: data, logs, programs that were fetched), AIWATCH_CACHE_DIR (~/.cache/aiwatch: programs that the tests fetched,
used where they are).`

const say = (sentence) => console.log(`· ${sentence}`)

function readSettings() {
  const { values } = parseArgs({
    options: {
      redis: { type: 'string' },
      'no-demo': { type: 'boolean', default: false },
      ...LOCAL_MODEL_OPTIONS,
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(HELP)
    process.exit(0)
  }
  return {
    isDemo: !values['no-demo'],
    redis: readRedisChoice(values.redis),
    redisPort: readPort('AIWATCH_REDIS_PORT', DEFAULT_REDIS_PORT),
    analyticsPort: readPort('ANALYTICS_PORT', 8081),
    timeseriesPort: readPort('TIMESERIES_PORT', 8082),
    simulatorPort: readPort('AIWATCH_SIMULATOR_PORT', 8090),
    localModel: readLocalModelSettings(values),
  }
}

function portsOf(settings) {
  return [
    ...(settings.redis.url ? [] : [{ name: 'Redis', variable: 'AIWATCH_REDIS_PORT', port: settings.redisPort }]),
    { name: 'analytics', variable: 'ANALYTICS_PORT', port: settings.analyticsPort },
    { name: 'time series', variable: 'TIMESERIES_PORT', port: settings.timeseriesPort },
    ...(settings.isDemo ? [{ name: 'the simulated provider', variable: 'AIWATCH_SIMULATOR_PORT', port: settings.simulatorPort }] : []),
    ...localModelPorts(settings.localModel),
  ]
}

/** Starts side by side do not write into each other's logs. */
function logFolder({ analyticsPort }) {
  return join(stateDir, analyticsPort === 8081 ? 'logs' : `logs-${analyticsPort}`)
}

async function waitForCollector({ url, child, source }) {
  const start = Date.now()
  let answer = 'no answer'
  for (
    let isLoading = false;
    Date.now() - start < (isLoading ? LOADING_TIMEOUT_MS : COLLECTOR_TIMEOUT_MS);
    isLoading = answer.startsWith('LOADING')
  ) {
    if (child.exitCode !== null) throw new Error(`the collector ended: ${lastLine(child.logFile)} (its log: ${child.logFile})`)
    try {
      const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2000) })
      const health = await response.json()
      if (response.ok) return health
      answer = health.checks?.redis?.error ?? `status ${response.status}`
    } catch (error) {
      answer = error.cause?.code ?? error.message
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the collector cannot use its Redis (${answer}); check ${source} (its log: ${child.logFile})`)
}

function printTable({ settings, redis, health, model }) {
  const { version, timeseries = 'plain' } = health.checks?.redis ?? {}
  // Of Valkey the version is `valkey 9.1.2`.
  const kind = [redis.name, version?.replace(/^valkey /, '')].filter(Boolean).join(' ')
  const store = `${redis.url.replace(/:\/\/[^@/]*@/, '://…@')}  (${kind}, ${redis.place}; time series: ${timeseries})`
  const rows = [
    ['analytics', `http://127.0.0.1:${settings.analyticsPort}/analytics`],
    ['health', `http://127.0.0.1:${settings.analyticsPort}/health`],
    ['metrics', `http://127.0.0.1:${settings.analyticsPort}/metrics`],
    ['time series', `http://127.0.0.1:${settings.timeseriesPort}/keys`],
    ...(settings.isDemo ? [['simulated model', `http://127.0.0.1:${settings.simulatorPort}/v1`]] : []),
    ...localModelRows(model),
    ['Redis', store],
    ['live picture', 'npx aiwatch top'],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  console.log(
    `\n${rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n')}\n\nCtrl-C stops all of this; the data stays.\n`,
  )
}

/** Tells examples and the `aiwatch` command where things are; the function that is returned takes it back. */
function writeEnvFile(settings, redis, model) {
  const simulatorUrl = `http://127.0.0.1:${settings.simulatorPort}`
  const lines = [
    `AIWATCH_REDIS_URL=${redis.url}`,
    `AIWATCH_COLLECTOR_URL=http://127.0.0.1:${settings.analyticsPort}`,
    ...(settings.isDemo
      ? [`AIWATCH_SIMULATOR_URL=${simulatorUrl}`, `OPENAI_BASE_URL=${simulatorUrl}/v1`, `ANTHROPIC_BASE_URL=${simulatorUrl}`]
      : []),
    ...localModelLines(model, settings),
  ]
  const file = join(stateDir, 'env')
  const text = `${lines.join('\n')}\n`
  // It may hold a password.
  writeFileSync(file, text, { mode: 0o600 })
  return () => {
    // Another start may have written its own by now.
    if (existsSync(file) && readFileSync(file, 'utf8') === text) rmSync(file)
  }
}

/** One sentence when Redis answers and yet cannot be written to as the SDK will. */
function assertUsable({ role, version }, source) {
  if (role && role !== 'master') throw new Error(`Redis is a read-only ${role}; give ${source} the address of the primary`)
  const major = Number(/(\d+)\./.exec(version ?? '')?.[1] ?? LEAST_REDIS_MAJOR)
  if (major < LEAST_REDIS_MAJOR)
    throw new Error(`Redis is version ${version}; ${source} must name one of version ${LEAST_REDIS_MAJOR} or later`)
}

async function main() {
  if (Number(process.versions.node.split('.')[0]) < 20) throw new Error(`Node 20 or later is needed, this is ${process.versions.node}`)
  const settings = readSettings()
  mkdirSync(stateDir, { recursive: true })
  await endOrphans(stateDir, say)
  await assertPortsFree(portsOf(settings))

  const workspaces = ['packages/store', 'packages/sdk', 'packages/collector', 'packages/model-simulator', 'demo']
  await installWorkspaces({ root, workspaces, say })
  const demoPackages = settings.isDemo || settings.localModel ? ['@aiwatch/model-simulator', '@aiwatch/demo'] : []
  await buildPackages({ root, packages: ['@aiwatch/sdk', '@aiwatch/collector', ...demoPackages], say })

  const running = rememberRunning(stateDir)
  const children = createChildren({ logDir: logFolder(settings), env: pinnedNodeEnv(root), onStart: running.add })
  process.on('exit', () => children.killAll())
  let endLine = () => {}
  let removeEnvFile = () => {}
  let isStopping = false
  const stop = async (code, sentence) => {
    if (isStopping) return
    isStopping = true
    endLine()
    if (sentence) console.error(sentence)
    say('stopping')
    await children.stopAll()
    running.forget()
    removeEnvFile()
    process.exit(code)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0))
  children.onUnexpectedExit = ({ name, code, signal, logFile }) =>
    stop(1, `${name} ended by itself (${signal ?? `exit code ${code}`}): ${lastLine(logFile)} (its log: ${logFile})`)

  try {
    const redis = await provideRedis({ chosen: settings.redis, stateDir, root, port: settings.redisPort, children, say })
    const runNode = (name, file, env) => children.start(name, process.execPath, [join(root, file)], { env })
    const urls = { AIWATCH_REDIS_URL: redis.url, REDIS_URL: redis.url }
    const collector = runNode('collector', 'packages/collector/dist/main.js', {
      ...urls,
      ANALYTICS_PORT: String(settings.analyticsPort),
      TIMESERIES_PORT: String(settings.timeseriesPort),
    })
    const analyticsUrl = `http://127.0.0.1:${settings.analyticsPort}`
    const health = await waitForCollector({ url: analyticsUrl, child: collector, source: redis.source })
    assertUsable(health.checks.redis, redis.source)
    if (settings.isDemo) {
      const simulatorUrl = `http://127.0.0.1:${settings.simulatorPort}`
      runNode('simulator', 'packages/model-simulator/dist/main.js', { AIWATCH_SIMULATOR_PORT: String(settings.simulatorPort) })
      runNode('demo', 'demo/dist/demo-traffic.js', { ...urls, AIWATCH_SIMULATOR_URL: simulatorUrl })
    }
    const model = await runLocalModel({ settings: settings.localModel, children, runNode, env: urls, say })
    removeEnvFile = writeEnvFile(settings, redis, model)
    printTable({ settings, redis, health, model })
    endLine = showLiveLine(analyticsUrl)
  } catch (error) {
    await stop(1, `npm start: ${error.message}`)
  }
}

main().catch((error) => {
  console.error(`npm start: ${error.message}`)
  process.exit(1)
})
