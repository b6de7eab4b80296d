import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { APP_ID, DATA_SOURCE_TYPE } from '../../src/plugin-ids.ts'
import { builtFile, readBuilt } from './built-plugin.ts'
import { appSchema, dataSourceSchema } from './plugin-schema.ts'

const app = () => appSchema.parse(JSON.parse(readBuilt('plugin.json')))
const dataSource = () => dataSourceSchema.parse(JSON.parse(readBuilt('datasource/plugin.json')))
const pathOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const { version } = JSON.parse(readFileSync(pathOf('package.json'), 'utf8')) as { version: string }

/** Of `PluginExtensionExposedComponents`, which only a browser can import. */
const EXPOSED: Record<string, string> = { AddToDashboardFormV1: 'grafana/add-to-dashboard-form/v1' }

describe('both plugin.json files', () => {
  test('are what Grafana takes, with the ids that the code knows and one version', () => {
    expect(app().id).toBe(APP_ID)
    expect(dataSource().id).toBe(DATA_SOURCE_TYPE)
    expect([app().info.version, dataSource().info.version]).toEqual([version, version])
    expect(dataSource().dependencies.grafanaDependency).toBe(app().dependencies.grafanaDependency)
  })

  test('declare each component of Grafana that the source uses, and no other', () => {
    const sources = readdirSync(pathOf('src'), { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path))
    const texts = sources.map((path) => readFileSync(pathOf(`src/${path}`), 'utf8'))
    const used = texts.flatMap((text) => [...text.matchAll(/PluginExtensionExposedComponents\.(\w+)/g)].map(([, name]) => name ?? ''))
    expect([...new Set(used)].map((name) => EXPOSED[name])).toEqual(app().dependencies.extensions?.exposedComponents)
    expect(dataSource().dependencies.extensions).toBeUndefined()
  })

  test('name only files that are there', () => {
    expect(app().info.screenshots?.length).toBeGreaterThan(0)
    for (const [folder, { logos, screenshots = [] }] of [['', app().info] as const, ['datasource/', dataSource().info] as const]) {
      for (const path of [logos.small, logos.large, ...screenshots.map((one) => one.path)]) {
        expect(existsSync(builtFile(folder + path)), path).toBe(true)
      }
    }
    for (const { id, languages, folder } of [
      { ...app(), folder: '' },
      { ...dataSource(), folder: 'datasource/' },
    ]) {
      for (const language of languages) {
        const path = `${folder}locales/${language}/${id}.json`
        expect(existsSync(builtFile(path)), path).toBe(true)
      }
    }
    for (const { type, path } of app().includes) if (type !== 'page') expect(existsSync(builtFile(path)), path).toBe(true)
    for (const path of ['module.js', 'datasource/module.js', 'README.md', 'CHANGELOG.md', 'LICENSE']) {
      expect(existsSync(builtFile(path)), path).toBe(true)
    }
  })
})

describe('what the app includes', () => {
  test('is every page of the app, and one of them is the first', () => {
    const pages = app().includes.filter(({ type, path }) => type === 'page' && path.startsWith(`/a/${APP_ID}/`))
    expect(pages.map(({ path }) => path.split('/').at(-1)).sort()).toEqual(readdirSync(pathOf('src/pages')).sort())
    expect(app().includes.filter((one) => 'defaultNav' in one && one.defaultNav)).toHaveLength(1)
  })

  test('is every dashboard of the repository, under its title', () => {
    const included = app().includes.filter(({ type }) => type === 'dashboard')
    const files = readdirSync(pathOf('../../provisioning/grafana/dashboards')).filter((name) => name.endsWith('.json'))
    expect(included.map(({ path }) => path).sort()).toEqual(files.map((name) => `dashboards/${name}`).sort())
    for (const { name, path } of included) {
      expect((JSON.parse(readBuilt(path)) as { title: string }).title).toBe(name)
      expect(readBuilt(path)).toBe(readFileSync(pathOf(`../../provisioning/grafana/${path}`), 'utf8'))
    }
  })

  test('lets viewers read and administrators configure', () => {
    const roles = new Map(app().includes.flatMap((one) => (one.type === 'page' ? [[one.name, one.role] as const] : [])))
    expect(roles.get('Configuration')).toBe('Admin')
    roles.delete('Configuration')
    expect(new Set(roles.values())).toEqual(new Set(['Viewer']))
  })
})

test('the key goes to the collector on every route, and no route leads anywhere else', () => {
  for (const { url, headers = [] } of dataSource().routes) {
    expect(url).toMatch(/^\{\{ \.URL \}\}(\/v1\/[a-z-]+)?$/)
    expect(headers.map(({ name }) => name)).toEqual(['Authorization'])
  }
})
