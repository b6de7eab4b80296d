/** How many keys of each kind there are and what they take, estimated from some picked at random: nothing is scanned. */
import type { Redis } from 'ioredis'
import type { RedisState } from '../contract/index.ts'

const SAMPLE = 300

const FAMILIES: readonly [pattern: RegExp, family: string, description: string][] = [
  [/^aiw:\{[^}]*\}:s:/, 'buckets', 'Sums per cell and time bucket'],
  [/^aiw:\{[^}]*\}:ts:/, 'series', 'Time series of the module'],
  [/^aiw:\{[^}]*\}:k:/, 'sketches', 'Latency sketches'],
  [/^aiw:\{[^}]*\}:u:/, 'users', 'Totals of users'],
  [/^aiw:\{[^}]*\}:b:/, 'boards', 'Top users and tags per hour'],
  [/^aiw:\{[^}]*\}:uu:/, 'days', 'Users of a day'],
  [/^aiw:\{[^}]*\}:seen:/, 'seen', 'Last seen of users and sessions'],
  [/^aiw:\{[^}]*\}:recent$/, 'calls', 'Kept calls'],
  [/^aiw:\{[^}]*\}:sample:|^(\{[^}]*\}:)?metrics:/, 'samples', 'Sampled metrics'],
  [/^aiw:\{[^}]*\}:w:/, 'writers', 'Guards of writers'],
  [/^aiw:/, 'other', 'Totals, names, integrity, locks'],
]
const FOREIGN: [string, string] = ['foreign', 'Keys that are not of AIWatch']

function familyOf(key: string): [family: string, description: string] {
  const found = FAMILIES.find(([pattern]) => pattern.test(key))
  return found ? [found[1], found[2]] : FOREIGN
}

export async function sampleKeyFamilies(redis: Redis): Promise<RedisState['keys']> {
  const size = await redis.dbsize()
  if (size === 0) return []
  const picked = await Promise.all(Array.from({ length: Math.min(SAMPLE, size * 2) }, () => redis.randomkey()))
  const keys = picked.filter((key): key is string => key !== null)
  const bytes = await Promise.all(keys.map((key) => redis.memory('USAGE', key).catch(() => null)))
  const sums = new Map<string, { description: string; keys: number; bytes: number }>()
  for (const [i, key] of keys.entries()) {
    const [family, description] = familyOf(key)
    const sum = sums.get(family) ?? { description, keys: 0, bytes: 0 }
    sums.set(family, sum)
    sum.keys++
    sum.bytes += bytes[i] ?? 0
  }
  const each = size / Math.max(1, keys.length)
  return [...sums]
    .map(([family, sum]) => ({
      family,
      description: sum.description,
      keys: Math.round(sum.keys * each),
      bytes: Math.round(sum.bytes * each),
    }))
    .sort((a, b) => b.bytes - a.bytes)
}
