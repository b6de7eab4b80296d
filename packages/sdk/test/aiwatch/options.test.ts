import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { AIWatchOptionError } from '../../src/errors.ts'
import type { AIWatchOptions } from '../../src/options.ts'
import { resolveOptions } from '../../src/resolve-options.ts'
import { userIdKeeper } from '../../src/user-id.ts'

const SECRET = 'a-secret-of-some-length'

describe('resolveOptions', () => {
  it('has a default for everything', () => {
    expect(resolveOptions({}, {})).toEqual({
      redis: 'redis://127.0.0.1:6379',
      tenant: 'default',
      app: 'default',
      tags: {},
      userIds: 'plain',
      secret: undefined,
      flushIntervalMs: 1000,
      maxBufferBytes: 33_554_432,
      streamUsage: 'request',
      prices: {},
      onError: undefined,
      enabled: true,
      closeTimeoutMs: 5000,
      warnings: [],
    })
  })

  it('reads every variable', () => {
    const environment = {
      AIWATCH_REDIS_URL: 'rediss://user:pass@redis.example:6380',
      REDIS_URL: 'redis://other:1',
      AIWATCH_TENANT: 'acme',
      AIWATCH_APP: 'shop',
      AIWATCH_TAGS: 'team=red, formula=a=b',
      AIWATCH_USER_IDS: 'hashed',
      AIWATCH_SECRET: SECRET,
      AIWATCH_FLUSH_INTERVAL_MS: '250',
      AIWATCH_MAX_BUFFER_BYTES: '1000000',
      AIWATCH_STREAM_USAGE: 'observe',
      AIWATCH_PRICES: '{"m":{"inputPerMillionUsd":1,"outputPerMillionUsd":2}}',
      AIWATCH_ENABLED: 'off',
      AIWATCH_CLOSE_TIMEOUT_MS: '100',
    }
    expect(resolveOptions({}, environment)).toEqual({
      redis: 'rediss://user:pass@redis.example:6380',
      tenant: 'acme',
      app: 'shop',
      tags: { team: 'red', formula: 'a=b' },
      userIds: 'hashed',
      secret: SECRET,
      flushIntervalMs: 250,
      maxBufferBytes: 1_000_000,
      streamUsage: 'observe',
      prices: { m: { inputPerMillionUsd: 1, outputPerMillionUsd: 2 } },
      onError: undefined,
      enabled: false,
      closeTimeoutMs: 100,
      warnings: [],
    })
  })

  it('takes options before variables, REDIS_URL after AIWATCH_REDIS_URL, and npm_package_name for the app', () => {
    expect(resolveOptions({ tenant: 'mine' }, { AIWATCH_TENANT: 'theirs' }).tenant).toBe('mine')
    expect(resolveOptions({}, { REDIS_URL: 'redis://other:1' }).redis).toBe('redis://other:1')
    expect(resolveOptions({}, { npm_package_name: 'my-app' }).app).toBe('my-app')
    expect(resolveOptions({ app: '' }, { npm_package_name: 'my-app' }).app).toBe('')
  })

  it('takes a cluster as nodes, URLs or a variable with commas', () => {
    expect(resolveOptions({ redis: [{ host: 'a', port: 7000 }, 'redis://b:7001', { host: '::1', port: 7002 }] }, {}).redis).toEqual([
      'redis://a:7000',
      'redis://b:7001',
      'redis://[::1]:7002',
    ])
    expect(resolveOptions({}, { AIWATCH_REDIS_URL: 'redis://a:1, redis://b:2' }).redis).toEqual(['redis://a:1', 'redis://b:2'])
  })

  it('takes an ioredis instance, but none that writes where nobody reads', () => {
    const client = new Redis({ lazyConnect: true })
    expect(resolveOptions({ redis: client }, {}).redis).toBe(client)
    expect(() => resolveOptions({ redis: new Redis({ lazyConnect: true, keyPrefix: 'x:' }) }, {})).toThrow(/redis .*keyPrefix/)
    expect(() => resolveOptions({ redis: new Redis({ lazyConnect: true, db: 3 }) }, {})).toThrow(/database 0/)
  })

  it.each<[string, AIWatchOptions, RegExp]>([
    ['tenant', { tenant: 'Not Good' }, /tenant \(AIWATCH_TENANT\) tenant must match/],
    ['app', { app: 3 as never }, /app \(AIWATCH_APP\) must be a string, got 3/],
    ['redis', { redis: 'http://x' }, /redis \(AIWATCH_REDIS_URL\) is not usable: the URL must begin with redis/],
    ['redis', { redis: {} as never }, /redis \(AIWATCH_REDIS_URL\) must be a URL, a list of cluster nodes, or an ioredis instance/],
    ['redis', { redis: [{ host: '', port: 1 }] }, /cluster node/],
    ['redis', { redis: 'redis://x/2' }, /database 0/],
    ['tags', { tags: { a: 1 as never } }, /tags \(AIWATCH_TAGS\).*"a" is a number/],
    ['userIds', { userIds: 'secret' as never }, /userIds \(AIWATCH_USER_IDS\) must be 'plain' or 'hashed', got "secret"/],
    ['secret', { userIds: 'hashed' }, /secret \(AIWATCH_SECRET\) is needed for userIds 'hashed'/],
    ['secret', { secret: 'short' }, /secret \(AIWATCH_SECRET\) must have at least 16 characters, got 5/],
    ['flushIntervalMs', { flushIntervalMs: 0 }, /flushIntervalMs \(AIWATCH_FLUSH_INTERVAL_MS\) must be a number from 10 to 60000, got 0/],
    ['maxBufferBytes', { maxBufferBytes: Number.NaN }, /maxBufferBytes \(AIWATCH_MAX_BUFFER_BYTES\).*got NaN/],
    ['streamUsage', { streamUsage: 'ask' as never }, /streamUsage \(AIWATCH_STREAM_USAGE\)/],
    [
      'prices',
      { prices: { m: { inputPerMillionUsd: -1, outputPerMillionUsd: 1 } } },
      /prices \(AIWATCH_PRICES\) must have m\.inputPerMillionUsd/,
    ],
    ['prices', { prices: { m: { inputPerMillionUsd: 1 } as never } }, /m\.outputPerMillionUsd/],
    [
      'prices',
      { prices: { m: { inputPerMillionUsd: 1, outputPerMillionUsd: 1, inputPrice: 2 } as never } },
      /m\.inputPrice, which is not a price/,
    ],
    ['onError', { onError: 'log' as never }, /option onError must be a function/],
    ['enabled', { enabled: 'no' as never }, /enabled \(AIWATCH_ENABLED\) must be true or false/],
    ['closeTimeoutMs', { closeTimeoutMs: -1 }, /closeTimeoutMs \(AIWATCH_CLOSE_TIMEOUT_MS\)/],
  ])('names option and variable when %s is wrong in code', (option, options, message) => {
    let thrown: unknown
    try {
      resolveOptions(options, {})
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(AIWatchOptionError)
    expect(thrown).toMatchObject({ option, message: expect.stringMatching(message) })
  })

  it.each([
    ['AIWATCH_TENANT', 'Not Good', 'tenant', 'default'],
    ['AIWATCH_TAGS', 'nothing', 'tags', {}],
    ['AIWATCH_FLUSH_INTERVAL_MS', 'soon', 'flushIntervalMs', 1000],
    ['AIWATCH_MAX_BUFFER_BYTES', '-1', 'maxBufferBytes', 33_554_432],
    ['AIWATCH_STREAM_USAGE', 'ask', 'streamUsage', 'request'],
    ['AIWATCH_PRICES', '{not json', 'prices', {}],
    ['AIWATCH_ENABLED', 'perhaps', 'enabled', true],
    ['AIWATCH_CLOSE_TIMEOUT_MS', 'x', 'closeTimeoutMs', 5000],
  ] as const)('warns of %s=%s and uses the default', (variable, value, option, fallback) => {
    const resolved = resolveOptions({}, { [variable]: value })
    expect(resolved[option]).toEqual(fallback)
    expect(resolved.warnings).toHaveLength(1)
    expect(resolved.warnings[0]).toContain(variable)
    expect(resolved.warnings[0]).toContain(option)
  })

  it('is off, and shows no password, when the Redis variable cannot be used: it would write to a Redis that nobody named', () => {
    const resolved = resolveOptions({}, { REDIS_URL: 'redis://:hunter2@x/7' })
    expect(resolved.enabled).toBe(false)
    expect(resolved.warnings[0]).toMatch(/REDIS_URL is not usable: only database 0/)
    expect(resolved.warnings[0]).not.toContain('hunter2')
  })

  it.each([
    ['hashed without a secret', { AIWATCH_USER_IDS: 'hashed' }],
    ['what does not exist', { AIWATCH_USER_IDS: 'hash', AIWATCH_SECRET: SECRET }],
    ['hashed with a secret that is too short', { AIWATCH_USER_IDS: 'hashed', AIWATCH_SECRET: 'x' }],
  ])('leaves user ids out, never plain, when a variable asks for %s', (_, environment) => {
    const resolved = resolveOptions({}, environment)
    expect(resolved.userIds).toBe('none')
    expect(resolved.warnings.length).toBeGreaterThan(0)
    expect(userIdKeeper(resolved)('ada')).toBe('')
  })
})

describe('user ids', () => {
  it('are kept as they are, or as their HMAC, the same each time and in each process', () => {
    expect(userIdKeeper({ userIds: 'plain', secret: undefined })('ada')).toBe('ada')
    const hash = userIdKeeper({ userIds: 'hashed', secret: SECRET })
    expect(hash('ada')).toBe(userIdKeeper({ userIds: 'hashed', secret: SECRET })('ada'))
    expect(hash('ada')).toMatch(/^[\w-]{43}$/)
    expect(hash('ada')).not.toBe(hash('bob'))
    expect(hash('ada')).not.toBe(userIdKeeper({ userIds: 'hashed', secret: `${SECRET}2` })('ada'))
    expect(hash('')).toBe('')
  })
})
