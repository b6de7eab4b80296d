/**
 * Prometheus, Alertmanager and the exporters, which the tests of the alert rules run: from the PATH, else from Debian's packages, unpacked
 * into the cache. Nothing is installed, no service is started, and no root is needed.
 */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findOnPath } from '../parts/pip.mjs'

const run = promisify(execFile)
const FETCH_TIMEOUT_MS = 300_000

/** Program → Debian package. */
const PROGRAMS = {
  prometheus: 'prometheus',
  promtool: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  amtool: 'prometheus-alertmanager',
  'prometheus-redis-exporter': 'prometheus-redis-exporter',
  'prometheus-node-exporter': 'prometheus-node-exporter',
}
const FOLDER = `monitoring-${process.arch}`

/** Names that the projects' own downloads have. */
const OTHER_NAMES = {
  'prometheus-alertmanager': 'alertmanager',
  'prometheus-redis-exporter': 'redis_exporter',
  'prometheus-node-exporter': 'node_exporter',
}

function findProgram(name, cacheDir) {
  const cached = join(cacheDir, FOLDER, 'usr', 'bin', name)
  return findOnPath(name) ?? (OTHER_NAMES[name] && findOnPath(OTHER_NAMES[name])) ?? (existsSync(cached) ? cached : undefined)
}

/** Where Debian's Alertmanager looks for the templates of its messages; no option says otherwise. */
const TEMPLATES = '/usr/share/prometheus/alertmanager'

function canMount() {
  try {
    execFileSync('unshare', ['--user', '--map-root-user', '--mount', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** One from Debian that is only unpacked sees its templates in a mount of its own: `templates` are then mounted at `at`. */
function withTemplates(path, cacheDir) {
  if (existsSync(join(TEMPLATES, 'default.tmpl')) || !path.startsWith(join(cacheDir, FOLDER))) return { path }
  if (canMount()) return { path, templates: join(cacheDir, FOLDER, TEMPLATES), at: TEMPLATES }
  return { missing: `it reads ${TEMPLATES}, which is not there, and this system lets no user mount it: install prometheus-alertmanager` }
}

/** apt's lists and cache in a folder of our own, where the system's are missing or old. */
function ownLists(folder) {
  const lists = join(folder, 'lists')
  const cache = join(folder, 'apt')
  for (const path of [join(lists, 'partial'), join(cache, 'archives', 'partial')]) mkdirSync(path, { recursive: true })
  return ['-o', `Dir::State::lists=${lists}`, '-o', `Dir::Cache=${cache}`, '-o', 'APT::Sandbox::User=', '-o', 'Debug::NoLocking=1']
}

async function downloadPackages(packages, folder) {
  const options = { cwd: folder, timeout: FETCH_TIMEOUT_MS }
  try {
    await run('apt-get', ['-o', 'APT::Sandbox::User=', 'download', ...packages], options)
  } catch {
    const own = ownLists(folder)
    await run('apt-get', [...own, 'update'], options)
    await run('apt-get', [...own, 'download', ...packages], options)
  }
}

async function unpackFromDebian(packages, { cacheDir, say }) {
  for (const tool of ['apt-get', 'dpkg-deb'])
    if (!findOnPath(tool)) throw new Error(`not on the PATH, and there is no ${tool} to fetch them with`)
  mkdirSync(cacheDir, { recursive: true })
  const work = mkdtempSync(join(cacheDir, 'fetch-'))
  try {
    say(`fetching ${packages.join(', ')} from Debian into ${cacheDir} (about 40 MB; nothing is installed)`)
    await downloadPackages(packages, work)
    const whole = join(work, 'whole')
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) await run('dpkg-deb', ['-x', join(work, file), whole])
    rmSync(join(cacheDir, FOLDER), { recursive: true, force: true })
    renameSync(whole, join(cacheDir, FOLDER))
  } catch (error) {
    throw new Error(
      `Debian's packages could not be fetched: ${String(error.stderr || error.message)
        .trim()
        .split('\n')
        .at(-1)}`,
    )
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** By program: `{ path }` (of Alertmanager perhaps with `templates` and `at`), or `{ missing: reason }`. */
export async function provideMonitoringPrograms({ cacheDir, say = () => {} }) {
  const names = Object.keys(PROGRAMS)
  let reason
  if (names.some((name) => !findProgram(name, cacheDir))) {
    // All of them: what is on the PATH costs little to fetch too, and the folder is whole.
    await unpackFromDebian([...new Set(Object.values(PROGRAMS))], { cacheDir, say }).catch((error) => {
      reason = error.message
    })
  }
  return Object.fromEntries(
    names.map((name) => {
      const path = findProgram(name, cacheDir)
      if (!path) return [name, { missing: reason ?? 'Debian has no such package for this machine' }]
      return [name, name === 'prometheus-alertmanager' ? withTemplates(path, cacheDir) : { path }]
    }),
  )
}
