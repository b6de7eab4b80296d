import { describe, expect, it } from 'vitest'
import { ConfigError, isLoopback, readConfig, resolveConfig } from '../src/config.ts'

describe('config', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toMatchObject({
      redisUrl: 'redis://127.0.0.1:6379',
      analyticsPort: 8081,
      timeseriesPort: 8082,
      listen: '127.0.0.1',
      tenant: 'default',
      answerCacheMs: 1000,
      sampler: true,
      publisher: true,
      logLevel: 'info',
    })
  })

  it('takes AIWATCH_REDIS_URL before REDIS_URL, and empty variables as not set', () => {
    expect(readConfig({ REDIS_URL: 'redis://b:1', AIWATCH_REDIS_URL: 'redis://a:1' }).redisUrl).toBe('redis://a:1')
    expect(readConfig({ REDIS_URL: 'redis://b:1', AIWATCH_REDIS_URL: '' }).redisUrl).toBe('redis://b:1')
    expect(readConfig({ ANALYTICS_PORT: '' }).analyticsPort).toBe(8081)
  })

  it('reads numbers and switches', () => {
    const config = readConfig({
      ANALYTICS_PORT: '9001',
      TIMESERIES_PORT: '0',
      AIWATCH_SAMPLER: 'off',
      AIWATCH_MAX_POINTS: '500',
      AIWATCH_MAX_BUCKETS: '700',
    })
    expect(config).toMatchObject({ analyticsPort: 9001, timeseriesPort: 0, sampler: false, maxPoints: 500, maxBuckets: 700 })
  })

  it.each([
    ['ANALYTICS_PORT', '70000'],
    ['TIMESERIES_PORT', 'http'],
    ['AIWATCH_TENANT', 'Acme Inc'],
    ['AIWATCH_LISTEN', '127.0.0.1:80/x'],
    ['AIWATCH_ANSWER_CACHE_MS', '-1'],
    ['REDIS_URL', 'localhost:6379'],
    ['AIWATCH_SAMPLER', 'perhaps'],
    ['AIWATCH_LOG', 'debug'],
    ['AIWATCH_MAX_POINTS', '-1'],
    ['AIWATCH_MAX_BUCKETS', 'many'],
  ])('refuses %s=%s with an error that names it', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(ConfigError)
    expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name}: `))
  })

  it.each([
    ['127.0.0.1', true],
    ['127.1.2.3', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.7', false],
    ['127.0.0.1.example.org', false],
  ])('knows whether only this machine reaches %s', (address, expected) => {
    expect(readConfig({ AIWATCH_LISTEN: address }).listen).toBe(address)
    expect(isLoopback(address)).toBe(expected)
  })

  it('never repeats a Redis URL, which may hold a password', () => {
    expect(() => readConfig({ REDIS_URL: 'http://:secret@host' })).toThrow(/^(?!.*secret)/)
  })

  it('names options of a program by their own name', () => {
    expect(() => resolveConfig({ analyticsPort: -1 })).toThrow(/^analyticsPort: /)
    expect(resolveConfig({ analyticsPort: 0, sampler: false })).toMatchObject({ analyticsPort: 0, sampler: false, timeseriesPort: 8082 })
  })
})
