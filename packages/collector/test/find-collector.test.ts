import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findCollector } from '../src/cli/find-collector.ts'

describe('findCollector', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'aiwatch-top-'))
    mkdirSync(join(folder, '.aiwatch'))
    mkdirSync(join(folder, 'deep', 'er'), { recursive: true })
    writeFileSync(join(folder, '.aiwatch', 'env'), '# written by npm start\nREDIS_URL=redis://127.0.0.1:6390\nANALYTICS_PORT="9081"\n')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('takes --url, then AIWATCH_URL, then the file of npm start, then the default', () => {
    const environment = { AIWATCH_URL: 'http://b:2' }
    expect(findCollector('http://a:1', environment, folder).href).toBe('http://a:1/')
    expect(findCollector(undefined, environment, folder).href).toBe('http://b:2/')
    expect(findCollector(undefined, {}, join(folder, 'deep', 'er')).href).toBe('http://127.0.0.1:9081/')
    expect(findCollector(undefined, {}, tmpdir()).href).toBe('http://127.0.0.1:8081/')
  })

  it('takes the name under which npm start writes it as a variable too, and looks in the folder of AIWATCH_STATE_DIR', () => {
    const environment = { AIWATCH_COLLECTOR_URL: 'http://c:3' }
    expect(findCollector(undefined, environment, folder).href).toBe('http://c:3/')
    expect(findCollector(undefined, { ...environment, AIWATCH_URL: 'http://b:2' }, folder).href).toBe('http://b:2/')
    expect(findCollector(undefined, { AIWATCH_STATE_DIR: join(folder, '.aiwatch') }, tmpdir()).href).toBe('http://127.0.0.1:9081/')
    expect(findCollector(undefined, { AIWATCH_STATE_DIR: 'none' }, folder).href).toBe('http://127.0.0.1:8081/')
  })

  it('keeps a path in front of the routes', () => {
    expect(new URL('analytics', findCollector('http://a:1/watch', {}, folder)).href).toBe('http://a:1/watch/analytics')
  })

  it.each(['localhost:8081', 'redis://a', '::'])('refuses %s and names the setting', (url) => {
    expect(() => findCollector(url, {}, folder)).toThrow(/^--url must be an http URL/)
    expect(() => findCollector(undefined, { AIWATCH_URL: url }, folder)).toThrow(/^AIWATCH_URL must be/)
  })
})
