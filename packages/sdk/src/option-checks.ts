/** Checks of the options that are more than a number or a word. Each throws an Error whose message goes on "option <name> …". */
import { parseRedisUrl } from '@aiwatch/store'
import type { ModelPriceOverride, ResolvedOptions } from './options.ts'

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Messages of the store name the setting first; here the option is named already. */
const SETTING = 'redis'

function checkUrl(url: string): string {
  try {
    parseRedisUrl(url, SETTING)
  } catch (error) {
    throw new Error(`is not usable: ${(error as Error).message.replace(`${SETTING}: `, '')}`)
  }
  return url
}

function checkNode(node: unknown): string {
  if (typeof node === 'string') return checkUrl(node)
  if (isObject(node) && typeof node['host'] === 'string' && node['host'] !== '' && isPort(node['port'])) {
    return checkUrl(`redis://${node['host'].includes(':') ? `[${node['host']}]` : node['host']}:${node['port']}`)
  }
  throw new Error('must name each cluster node by its URL or as { host, port } with a port from 1 to 65535')
}

function isPort(port: unknown): boolean {
  return Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535
}

/** An ioredis client is told by its methods: another copy of ioredis than ours may have made it. */
function checkClient(client: Record<string, unknown>): ResolvedOptions['redis'] {
  if (typeof client['call'] !== 'function' || typeof client['pipeline'] !== 'function' || typeof client['status'] !== 'string') {
    throw new Error('must be a URL, a list of cluster nodes, or an ioredis instance')
  }
  const options = isObject(client['options']) ? client['options'] : {}
  if (options['keyPrefix']) throw new Error('must be an ioredis instance without keyPrefix: readers would not find the keys')
  if (options['db']) throw new Error('must be an ioredis instance on database 0')
  return client as unknown as ResolvedOptions['redis']
}

/** URLs as they are; nodes become URLs. */
export function checkRedis(value: unknown): ResolvedOptions['redis'] {
  if (typeof value === 'string') return checkUrl(value)
  if (Array.isArray(value) && value.length > 0) return value.map(checkNode)
  return checkClient(isObject(value) ? value : {})
}

/** One URL, or several separated by commas. */
export function parseRedisVariable(text: string): string | string[] {
  const urls = text.split(',').map((url) => url.trim())
  return urls.length > 1 ? urls : (urls[0] as string)
}

export function checkTags(value: unknown): Record<string, string> {
  if (!isObject(value)) throw new Error('must be an object of strings')
  for (const [name, tag] of Object.entries(value)) {
    if (typeof tag !== 'string')
      throw new Error(`must be an object of strings, but ${JSON.stringify(name.slice(0, 80))} is a ${typeof tag}`)
  }
  return { ...(value as Record<string, string>) }
}

/** `name=value,name=value`; a value may hold `=`. */
export function parseTags(text: string): Record<string, string> {
  const tags: Record<string, string> = {}
  for (const part of text.split(',')) {
    const equals = part.indexOf('=')
    if (equals < 1) throw new Error(`must be name=value,name=value, got ${JSON.stringify(part.slice(0, 80))}`)
    tags[part.slice(0, equals).trim()] = part.slice(equals + 1).trim()
  }
  return tags
}

const PRICE_FIELDS = ['inputPerMillionUsd', 'outputPerMillionUsd', 'cacheReadPerMillionUsd', 'cacheWritePerMillionUsd'] as const
const MAX_USD_PER_MILLION = 1e6

function checkPrice(model: string, value: unknown): ModelPriceOverride {
  if (!isObject(value)) throw new Error(`must give ${model} as { inputPerMillionUsd, outputPerMillionUsd }`)
  for (const field of Object.keys(value)) {
    if (!(PRICE_FIELDS as readonly string[]).includes(field)) throw new Error(`has ${model}.${field.slice(0, 80)}, which is not a price`)
  }
  for (const field of PRICE_FIELDS) {
    const price = value[field]
    if (price === undefined && field.startsWith('cache')) continue
    if (typeof price !== 'number' || !(price >= 0 && price <= MAX_USD_PER_MILLION)) {
      throw new Error(`must have ${model}.${field} as a number from 0 to ${MAX_USD_PER_MILLION}, got ${String(price).slice(0, 80)}`)
    }
  }
  return value as unknown as ModelPriceOverride
}

export function checkPrices(value: unknown): Record<string, ModelPriceOverride> {
  if (!isObject(value)) throw new Error('must be an object of prices by model')
  return Object.fromEntries(Object.entries(value).map(([model, price]) => [model, checkPrice(model.slice(0, 80), price)]))
}
