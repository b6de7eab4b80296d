/** `npm run replay -- FILE…`: checks that everything is built, and finds the Redis that `npm start` runs. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** What `npm start` wrote, without overriding what is set. The model is not taken from it: a replay has its own. */
function startedRedis() {
  const file = join(root, '.aiwatch', 'env')
  if (process.env.AIWATCH_REDIS_URL || process.env.REDIS_URL || !existsSync(file)) return {}
  const url = /^AIWATCH_REDIS_URL=(.+)$/m.exec(readFileSync(file, 'utf8'))?.[1]
  return url ? { AIWATCH_REDIS_URL: url } : {}
}

function main() {
  const script = join(root, 'demo', 'dist', 'replay.js')
  for (const file of [script, join(root, 'packages', 'sdk', 'dist', 'index.js')]) {
    if (!existsSync(file)) {
      console.error(`replay: ${file.slice(root.length + 1)} is not there; run npm install and npm run build first (npm start does both)`)
      process.exit(1)
    }
  }
  // npm runs scripts in the root of the repository; files are named from where the user is.
  const cwd = process.env.INIT_CWD ?? process.cwd()
  const child = spawn(process.execPath, [script, ...process.argv.slice(2)], {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, ...startedRedis() },
  })
  // The child gets the terminal's Ctrl-C itself, and ends in order.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('error', (error) => {
    console.error(`replay: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code) => process.exit(code ?? 1))
}

main()
