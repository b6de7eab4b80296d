/** The Redis of a start: the one that the user named, or a private one of the kind that was chosen or can be had. */
import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { provideRedisServer, REDIS_CHOICES } from '../redis/provide-server.mjs'
import { redisFolder, startPrivateRedis } from './private-redis.mjs'

export const DEFAULT_REDIS_PORT = 6390

const KINDS = ['stack', 'redis-timeseries', 'redis', 'valkey']
/** The choice that leads to a kind. */
const CHOICE_OF_KIND = { stack: 'stack', 'redis-timeseries': 'stack', redis: 'plain', valkey: 'valkey' }
const NAMES = {
  stack: 'Redis Stack',
  'redis-timeseries': 'Redis with TimeSeries',
  redis: 'plain Redis',
  valkey: 'Valkey',
}
const URL_PATTERN = /^rediss?:\/\//

/**
 * `{ url, source }` or `{ choice, source }`: `--redis` first, then `AIWATCH_REDIS`, then `REDIS_URL`. Throws an error that names what
 * is wrong.
 */
export function readRedisChoice(option, environment = process.env) {
  for (const [source, value] of [
    ['--redis', option],
    ['AIWATCH_REDIS', environment.AIWATCH_REDIS || undefined],
  ]) {
    if (value === undefined) continue
    if (URL_PATTERN.test(value)) return { url: value, source }
    if (REDIS_CHOICES.includes(value)) return { choice: value, source }
    throw new Error(`${source} must be ${REDIS_CHOICES.join(', ')} or a redis:// URL, not ${JSON.stringify(value)}`)
  }
  const url = environment.REDIS_URL || undefined
  if (!url) return { choice: undefined, source: 'default' }
  if (!URL_PATTERN.test(url)) throw new Error('REDIS_URL must begin with redis:// or rediss://')
  return { url, source: 'REDIS_URL' }
}

/** Says where data of other kinds stays, and how to go back to it. */
function sayOtherData({ stateDir, server, port, say }) {
  const folderOf = (kind) => redisFolder(stateDir, kind, port, DEFAULT_REDIS_PORT)
  const isNew = !existsSync(folderOf(server.kind))
  for (const kind of KINDS) {
    if (kind === server.kind || !existsSync(folderOf(kind))) continue
    const beginning = `this start is on ${NAMES[server.kind]}${isNew ? ', without data yet' : ''}`
    say(
      `data of an earlier start on ${NAMES[kind]} stays in ${folderOf(kind)}; ${beginning}; to go back: npm start -- --redis ${CHOICE_OF_KIND[kind]}`,
    )
  }
}

/** Starts or names a Redis; `{ url, name, place, source }`, of which `name` and `place` are for the table of addresses. */
export async function provideRedis({ chosen, stateDir, root, port, children, say }) {
  if (chosen.url) {
    say(`using the Redis of ${chosen.source}`)
    return { url: chosen.url, name: 'Redis', place: `from ${chosen.source}`, source: chosen.source }
  }
  const server = await provideRedisServer({ cacheDir: stateDir, say, choice: chosen.choice })
  if (!server) {
    throw new Error('no Redis could be found or installed; install redis-server 7 or later, or set REDIS_URL to one that runs')
  }
  if (chosen.choice && chosen.choice !== CHOICE_OF_KIND[server.kind] && !(chosen.choice === 'plain' && server.kind === 'valkey'))
    say(`${chosen.source} ${chosen.choice} could not be had; this start is on ${NAMES[server.kind]} instead`)
  sayOtherData({ stateDir, server, port, say })
  const folder = redisFolder(stateDir, server.kind, port, DEFAULT_REDIS_PORT)
  say(`starting a private Redis: ${server.path} ${server.version}${server.module ? ', with its TimeSeries module' : ''}`)
  const url = await startPrivateRedis({ server, folder, port, root, children, say })
  return {
    url,
    name: NAMES[server.kind],
    place: `data in ${folder.startsWith(root) ? relative(root, folder) : folder}`,
    source: 'REDIS_URL',
  }
}
