/**
 * `npm test`: installs and builds what is missing, brings the real servers that the tests need, runs every test, and ends with
 * one line: `N passed, N failed, N skipped`. `npm run test:grafana` does so for the Grafana app, whose dependencies nothing else waits for.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from './parts/cache-folders.mjs'
import { provideRedisServer } from './redis/provide-server.mjs'
import { withLibraries } from './redis/server-program.mjs'
import { buildPackages, everydayWorkspaces, GRAFANA_APP, installWorkspaces, pinnedNodeEnv } from './start/install-and-build.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const isGrafana = process.argv[2] === '--grafana'
const given = process.argv.slice(isGrafana ? 3 : 2)
const say = (sentence) => console.log(`· ${sentence}`)

function runTests(env, reportFile) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`, ...given]
  // `node` of the environment's PATH is the pinned one once it is installed.
  return new Promise((resolve) =>
    spawn('node', [vitest, ...args], { cwd: isGrafana ? join(root, GRAFANA_APP) : root, env, stdio: 'inherit' }).on('exit', (code) =>
      resolve(code ?? 1),
    ),
  )
}

/** Reasons are part of a skipped test's name or of its note: none is skipped silently. */
function printSkipped(report) {
  for (const file of report.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === 'pending' || test.status === 'skipped' || test.status === 'todo') console.log(`SKIPPED ${test.fullName}`)
    }
  }
}

/** Names the server of the tests that ask for no kind. The set-up of vitest brings those of the others. */
async function defaultRedisEnv() {
  const env = pinnedNodeEnv(root)
  if (env.AIWATCH_TEST_REDIS_SERVER) return env
  const server = await provideRedisServer({ cacheDir: cacheFolder(), say, choice: 'plain' })
  if (!server) throw new Error('the tests need a redis-server 7 or later, and none could be found or installed')
  say(`testing on ${server.path} ${server.version} where a test asks for no kind of Redis`)
  return { ...withLibraries(server.libraryPath, env), AIWATCH_TEST_REDIS_SERVER: server.path }
}

async function main() {
  await installWorkspaces({ root, workspaces: isGrafana ? [GRAFANA_APP] : everydayWorkspaces(root), say })
  await buildPackages({ root, packages: [isGrafana ? '@aiwatch/grafana-app' : '!@aiwatch/grafana-app'], say })
  const env = await defaultRedisEnv()
  const work = mkdtempSync(join(tmpdir(), 'aiwatch-test-'))
  const reportFile = join(work, 'report.json')
  const code = await runTests(env, reportFile)
  const report = JSON.parse(readFileSync(reportFile, 'utf8'))
  rmSync(work, { recursive: true, force: true })
  printSkipped(report)
  // A file that fails to load has no tests in it, but is a failure all the same.
  const brokenFiles = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
  const failed = report.numFailedTests + brokenFiles
  console.log(`${report.numPassedTests} passed, ${failed} failed, ${report.numPendingTests + report.numTodoTests} skipped`)
  process.exit(code !== 0 || failed > 0 || report.numPassedTests === 0 ? 1 : 0)
}

main().catch((error) => {
  console.error(`npm test: ${error.message}`)
  console.log('0 passed, 1 failed, 0 skipped')
  process.exit(1)
})
