/** `npm run check`, and what CI runs: lint, unused code, types, tests. The last line is that of the tests. */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { everydayWorkspaces, installWorkspaces, pinnedNodeEnv } from './start/install-and-build.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
await installWorkspaces({ root, workspaces: everydayWorkspaces(root), say: console.log })
const env = pinnedNodeEnv(root)
const bin = (name) => join(root, 'node_modules', '.bin', name)
const steps = [
  [bin('biome'), ['check', '.']],
  // Files, exports and dependencies that nothing uses; knip.jsonc says what it cannot see.
  [bin('knip'), []],
  [bin('turbo'), ['run', 'typecheck', '--output-logs=errors-only', '--no-daemon', '--filter', '!@aiwatch/grafana-app']],
  ['npm', ['test']],
]
let failed = false
for (const [command, args] of steps) {
  const { status } = spawnSync(command, args, { cwd: root, env, stdio: 'inherit' })
  failed ||= status !== 0
}
process.exit(failed ? 1 : 0)
