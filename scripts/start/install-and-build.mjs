/** Installs the workspaces that are needed, once, and builds what has changed. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

function run(command, args, { root, quiet, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit' })
    let output = ''
    child.stdout?.on('data', (data) => (output += data))
    child.stderr?.on('data', (data) => (output += data))
    child.on('error', reject)
    child.on('exit', (code) => (code === 0 ? resolve(output) : reject(new Error(`${command} ${args.join(' ')} failed\n${output}`.trim()))))
  })
}

/** True when every package of the lock file that is not optional is in node_modules at its version. */
function isWholeInstallDone(root, lock) {
  const hidden = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(hidden)) return false
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages
  return Object.entries(lock.packages).every(
    ([path, entry]) =>
      !path.includes('node_modules/') || entry.optional || entry.peer || entry.link || installed[path]?.version === entry.version,
  )
}

export const GRAFANA_APP = 'packages/grafana-app'

/** Every workspace but the Grafana app, whose dependencies are 750 MB: only who builds the app waits for them. */
export function everydayWorkspaces(root) {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const folders = workspaces.flatMap((pattern) =>
    pattern.endsWith('/*') ? readdirSync(join(root, dirname(pattern))).map((name) => `${dirname(pattern)}/${name}`) : [pattern],
  )
  return folders.filter((folder) => folder !== GRAFANA_APP && existsSync(join(root, folder, 'package.json')))
}

/** Brings in the given workspaces. Remembers what was installed for which lock file, so that a second start does nothing. */
export async function installWorkspaces({ root, workspaces, say }) {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const stampFile = join(root, 'node_modules', '.aiwatch-installed.json')
  const lockHash = createHash('sha256').update(lockText).digest('hex')
  const stamp = existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : undefined
  const there = stamp?.lockHash === lockHash ? (stamp.workspaces ?? []) : []
  if (workspaces.every((name) => there.includes(name))) return false
  if (isWholeInstallDone(root, JSON.parse(lockText))) {
    writeFileSync(stampFile, JSON.stringify({ lockHash, workspaces: [...everydayWorkspaces(root), GRAFANA_APP] }))
    return false
  }
  const wanted = [...new Set([...there, ...workspaces])]
  say(`installing npm packages for ${workspaces.join(' ')} (once; about a minute on a slow line)`)
  // `npm ci` removes node_modules first, from under whatever runs from it; where there is one, what is missing is added.
  const verb = existsSync(join(root, 'node_modules')) ? ['install', '--no-save'] : ['ci']
  const args = [...verb, ...wanted.flatMap((name) => ['-w', name]), '--include-workspace-root']
  await run('npm', [...args, '--no-fund', '--no-audit', '--loglevel=error', '--progress=true'], { root, quiet: false, env: process.env })
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, JSON.stringify({ lockHash, workspaces: wanted }))
  return true
}

/** Environment in which the pinned Node of node_modules comes first, where it is installed. */
export function pinnedNodeEnv(root) {
  const folder = join(root, 'node_modules', 'node', 'bin')
  return {
    ...process.env,
    PATH: existsSync(join(folder, 'node')) ? `${folder}${delimiter}${process.env.PATH}` : process.env.PATH,
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
  }
}

/** Builds the packages (turbo skips those whose inputs have not changed). */
export async function buildPackages({ root, packages, say }) {
  say('building what has changed')
  const filters = packages.flatMap((name) => ['--filter', name])
  const turbo = join(root, 'node_modules', '.bin', 'turbo')
  await run(turbo, ['run', 'build', '--output-logs=errors-only', '--no-daemon', ...filters], {
    root,
    quiet: true,
    env: pinnedNodeEnv(root),
  })
}
