/**
 * How long the scripts of the SDK take a server. On a busy machine a script waits for the processor as well: each is run on several servers, one
 * after the other, and the least of its times counts.
 */
import { AIWatch, type RecordInput } from '@aiwatch/sdk'
import { startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'

export interface ScriptTimes {
  scripts: number
  /** Scripts that took more than 2 ms on every server. */
  slow: number
  /** In milliseconds. */
  greatest: number
  median: number
}

const SERVERS = 5
const SLOW_US = 2000

/** Time that all scripts of a server took so far, in microseconds. */
async function scriptMicroseconds(client: Redis): Promise<number> {
  const stats = await client.info('commandstats')
  return [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=\d+,usec=(\d+)/g)].reduce((sum, [, usec]) => sum + Number(usec), 0)
}

/** `secondOf` makes the calls of a second; so many seconds are written, then all that is left. */
export async function timeScripts(secondOf: () => RecordInput[], seconds: number): Promise<ScriptTimes> {
  const servers = await Promise.all(Array.from({ length: SERVERS }, () => startRedis({ appendonly: true })))
  const clients = servers.map((server) => new Redis(server.url))
  const leasts: number[] = []
  const send = async (client: Redis, command: string, rest: unknown[]) => {
    const before = await scriptMicroseconds(client)
    const reply = await Redis.prototype.call.apply(client, [command, ...rest] as [string])
    return { reply, microseconds: (await scriptMicroseconds(client)) - before }
  }
  const first = clients[0] as Redis
  first.call = (async (command: string, ...rest: unknown[]) => {
    if (!command.startsWith('EVAL')) return Redis.prototype.call.apply(first, [command, ...rest] as [string])
    let answer: unknown
    let least = Number.POSITIVE_INFINITY
    for (const client of clients) {
      const { reply, microseconds } = await send(client, command, rest)
      answer ??= reply
      least = Math.min(least, microseconds)
    }
    leasts.push(least)
    return answer
  }) as typeof first.call
  const watch = new AIWatch({ redis: first, app: 'bench' })
  for (let second = 0; second < seconds; second++) {
    // The first seconds make cells, users and sessions, which is not done again.
    if (second === 2) leasts.length = 0
    for (const input of secondOf()) watch.record(input)
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
  await watch.close({ timeoutMs: 60_000 })
  for (const client of clients) client.disconnect()
  await Promise.all(servers.map((server) => server.stop()))
  leasts.sort((a, b) => a - b)
  return {
    scripts: leasts.length,
    slow: leasts.filter((us) => us > SLOW_US).length,
    greatest: (leasts.at(-1) ?? 0) / 1000,
    median: (leasts[leasts.length >> 1] ?? 0) / 1000,
  }
}
