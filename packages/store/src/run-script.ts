import { createHash } from 'node:crypto'
import type { RedisClient } from './redis-client.ts'

export interface Script {
  text: string
  sha: string
}

export function toScript(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

/** Runs a script by its hash; a server that does not know it, after a restart, is sent its text. */
export async function runScript(redis: RedisClient, script: Script, keys: string[], values: (string | Buffer)[]): Promise<unknown> {
  const rest = [keys.length, ...keys, ...values]
  try {
    return await redis.call('EVALSHA', script.sha, ...rest)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return await redis.call('EVAL', script.text, ...rest)
  }
}
