import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkClock } from '../src/cli/doctor/check-speed.ts'
import { isKnownVariable, nearestVariable } from '../src/cli/doctor/known-variables.ts'
import { runChecks } from '../src/cli/doctor/run-checks.ts'

describe('the clock check', () => {
  let server: RedisServer
  let redis: Redis
  beforeAll(async () => {
    server = await startRedis()
    redis = new Redis(server.url)
  })
  afterAll(async () => {
    redis.disconnect()
    await server.stop()
  })

  it.each([
    [0, 'ok', /differ by/],
    [3000, 'warning', /3\.0 s ahead/],
    [-2000, 'ok', /differ by/],
    [-20_000, 'warning', /20\.0 s behind/],
  ])('of a machine that is %i ms off says %s', async (offMs, level, what) => {
    const verdict = await checkClock({ redis }, { nowMs: () => Date.now() + offMs })
    expect(verdict).toMatchObject({ level, what: expect.stringMatching(what) })
  })
})

describe('checks', () => {
  it('that hang or fail are findings, and the rest goes on', async () => {
    const findings = await runChecks(
      [
        { name: 'hangs', run: () => new Promise(() => {}) },
        { name: 'fails', run: () => Promise.reject(new Error('boom')) },
        { name: 'is refused', run: () => Promise.reject(new Error("NOPERM this user has no permissions to run the 'get' command")) },
        { name: 'works', run: async () => ({ level: 'ok', what: 'fine' }) },
      ],
      50,
    )
    expect(findings.map(({ check, level }) => [check, level])).toEqual([
      ['hangs', 'unknown'],
      ['fails', 'unknown'],
      ['is refused', 'unknown'],
      ['works', 'ok'],
    ])
    expect(findings[0]?.what).toContain('no answer within 0.05 s')
    expect(findings[2]?.what).toBe('not allowed to look')
  })
})

describe('known variables', () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url))

  it('are all that the sources read', () => {
    const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'src'))
    const names = new Set<string>()
    for (const start of [...folders, join(root, 'scripts'), join(root, 'demo', 'src'), join(root, 'examples')]) {
      for (const file of listSources(start).filter((path) => !path.endsWith('known-variables.ts')))
        for (const [name] of readFileSync(file, 'utf8').matchAll(/AIWATCH_[A-Z][A-Z0-9_]*[A-Z0-9]/g)) names.add(name)
    }
    expect(names.size).toBeGreaterThan(20)
    expect([...names].filter((name) => !isKnownVariable(name))).toEqual([])
  })

  it.each([
    ['AIWATCH_TENNANT', 'AIWATCH_TENANT'],
    ['AIWATCH_REDIS_ULR', 'AIWATCH_REDIS_URL'],
    ['AIWATCH_FLUSH_INTERVAL', 'AIWATCH_FLUSH_INTERVAL_MS'],
    ['AIWATCH_SOMETHING_ELSE', undefined],
  ])('near to %s: %s', (name, near) => {
    expect(nearestVariable(name)).toBe(near)
  })
})

function listSources(path: string): string[] {
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name) && !/node_modules|dist|[/\\]test/.test(entry.parentPath))
      .map((entry) => join(entry.parentPath, entry.name))
  } catch {
    return []
  }
}
