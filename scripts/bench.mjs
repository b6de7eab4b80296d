/** `npm run bench [-- name …]`: builds, then runs the benchmarks named, or all of them, one after the other. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from './parts/cache-folders.mjs'
import { provideRedisServer } from './redis/provide-server.mjs'
import { withLibraries } from './redis/server-program.mjs'
import { provideTestServers } from './redis/test-servers.mjs'
import { buildPackages, everydayWorkspaces, installWorkspaces, pinnedNodeEnv } from './start/install-and-build.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = join(root, 'benchmarks', 'src')
const known = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replace('.ts', ''))
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`no benchmark called ${unknown.join(', ')}; there are: ${known.join(', ')}`)
  process.exit(2)
}
await installWorkspaces({ root, workspaces: everydayWorkspaces(root), say: console.log })
await buildPackages({ root, packages: ['@aiwatch/sdk'], say: console.log })
const server = await provideRedisServer({ cacheDir: cacheFolder(), say: console.log, choice: 'plain' })
if (!server) {
  console.error('the benchmarks need a redis-server 7 or later, and none could be found or installed')
  process.exit(1)
}
const env = {
  ...withLibraries(server.libraryPath, pinnedNodeEnv(root)),
  AIWATCH_TEST_REDIS_SERVER: server.path,
  AIWATCH_TEST_SERVERS: JSON.stringify(await provideTestServers({ say: console.log })),
}
let failed = false
for (const name of wanted.length > 0 ? wanted : known) {
  console.log(`\n=== ${name} (${server.kind} ${server.version})`)
  const { status } = spawnSync('node', ['--expose-gc', '--disable-warning=ExperimentalWarning', join(folder, `${name}.ts`)], {
    env,
    stdio: 'inherit',
  })
  failed ||= status !== 0
}
process.exit(failed ? 1 : 0)
