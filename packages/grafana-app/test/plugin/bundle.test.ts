/** What is in which file of the build, from its source maps. */
import { readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { builtFile, readBuilt } from './built-plugin.ts'

const PAGES = readdirSync(fileURLToPath(new URL('../../src/pages', import.meta.url)))
/** What everybody waits for before a page is asked for. */
const FIRST_LOAD_BYTES = 600_000

/** Script → its sources, as webpack names them. */
function sourcesByScript(): Map<string, string[]> {
  const maps = readdirSync(builtFile('.'), { recursive: true }).map(String)
  const scripts = maps.filter((name) => name.endsWith('.js.map'))
  return new Map(scripts.map((name) => [name.slice(0, -'.map'.length), (JSON.parse(readBuilt(name)) as { sources: string[] }).sources]))
}

test('module.js is small: what pages need comes with them', () => {
  expect(statSync(builtFile('module.js')).size).toBeLessThan(FIRST_LOAD_BYTES)
  const sources = sourcesByScript().get('module.js') ?? []
  expect(sources.filter((source) => source.includes('/module.tsx'))).toHaveLength(1)
  expect(sources.filter((source) => source.includes('@grafana/scenes/dist/esm/components'))).toEqual([])
})

test.each(PAGES)('the page %s is in a chunk of its own', (page) => {
  const holds = (sources: string[], name: string) => sources.some((source) => new RegExp(`/pages/${name}/page\\.tsx?$`).test(source))
  const chunks = [...sourcesByScript()].filter(([, sources]) => holds(sources, page))
  expect(chunks.map(([script]) => script)).toHaveLength(1)
  const [script, sources] = chunks[0] ?? ['', []]
  expect(script).not.toBe('module.js')
  expect(PAGES.filter((other) => other !== page && holds(sources, other))).toEqual([])
})

test('React, and whatever else Grafana gives, is not in the build', () => {
  const given = /node_modules\/(react|react-dom|scheduler|rxjs|@grafana\/(data|ui|runtime)|@emotion\/(css|react))\//
  for (const [script, sources] of sourcesByScript())
    expect(
      sources.filter((source) => given.test(source)),
      script,
    ).toEqual([])
})

test('the data source is one file, which loads no chunk: they would not be found from its folder', () => {
  const loadsChunks = /\.js\?_cache=/
  expect(readBuilt('module.js')).toMatch(loadsChunks)
  expect(readBuilt('datasource/module.js')).not.toMatch(loadsChunks)
  // Nor does it listen for those of the app, whose modules have the same ids.
  expect(readBuilt('module.js')).toContain('webpackChunk')
  expect(readBuilt('datasource/module.js')).not.toContain('webpackChunk')
})
