/**
 * What Grafana 12.4 asks of a plugin.json, as far as ours use it. Its own schema is under a licence that keeps it out of this
 * repository. Objects are strict: Grafana ignores a misspelt key without a word.
 */
import { z } from 'zod'

const PLUGIN_ID = /^[0-9a-z]+-([0-9a-z]+-)?(app|panel|datasource)$/
/** What the build replaces must not be left over. */
const filled = z.string().regex(/^[^%]+$/)
const role = z.enum(['Viewer', 'Editor', 'Admin'])
const image = z.string().regex(/^img\/.+\.(svg|png|jpg)$/)

const info = z.strictObject({
  description: filled,
  keywords: z.array(filled).min(1),
  author: z.strictObject({ name: filled, url: z.url().optional(), email: z.email().optional() }),
  logos: z.strictObject({ small: image.endsWith('.svg'), large: image.endsWith('.svg') }),
  links: z.array(z.strictObject({ name: filled, url: z.url() })).optional(),
  screenshots: z.array(z.strictObject({ name: filled, path: image })).optional(),
  version: z.string().regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z-.]+)?$/),
  updated: z.iso.date(),
})

const include = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('page'),
    name: filled,
    path: filled.regex(/^\/(a|plugins)\//),
    role,
    addToNav: z.boolean(),
    defaultNav: z.boolean().optional(),
    icon: filled.optional(),
  }),
  z.strictObject({ type: z.literal('dashboard'), name: filled, path: filled.regex(/^dashboards\/.+\.json$/) }),
  z.strictObject({ type: z.literal('datasource'), name: filled, path: filled.endsWith('plugin.json') }),
])

const languages = z.array(z.string().regex(/^[a-z]{2}-[A-Z]{2}$/)).min(1)

const common = {
  $schema: z.url(),
  name: filled,
  id: z.string().regex(PLUGIN_ID),
  info,
  languages,
  dependencies: z.strictObject({
    grafanaDependency: z.string().regex(/^>=\d+\.\d+\.\d+$/),
    plugins: z.array(z.strictObject({ id: z.string().regex(PLUGIN_ID), type: z.enum(['app', 'datasource', 'panel']), name: filled })),
    extensions: z.strictObject({ exposedComponents: z.array(filled).min(1) }).optional(),
  }),
}

export const appSchema = z.strictObject({
  ...common,
  type: z.literal('app'),
  includes: z.array(include).min(1),
})

const route = z.strictObject({
  path: filled,
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  reqRole: role,
  url: filled,
  headers: z.array(z.strictObject({ name: filled, content: filled })).optional(),
})

export const dataSourceSchema = z.strictObject({
  ...common,
  type: z.literal('datasource'),
  metrics: z.boolean(),
  annotations: z.boolean(),
  streaming: z.boolean(),
  category: z.enum(['tsdb', 'logging', 'cloud', 'tracing', 'profiling', 'sql', 'enterprise', 'iot', 'other']),
  queryOptions: z.strictObject({ maxDataPoints: z.boolean(), minInterval: z.boolean() }),
  routes: z.array(route).min(1),
})
