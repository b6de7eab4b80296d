/** Whether the collector may listen where it was told to: beyond loopback only once somebody has to show a key. */
import type { KnownKeys } from './api/authorise.ts'
import { ConfigError, isLoopback } from './config.ts'
import type { Log } from './log.ts'
import type { RedisConnection } from './redis/redis-connection.ts'

/** How long it is waited for a Redis that has to say whether there are keys. */
const REDIS_WAIT_MS = 10_000
const RETRY_MS = 100

export interface ListenQuestion {
  address: string
  tenant: string
  keys: KnownKeys
  connection: RedisConnection
  log: Log
}

/** Undefined when Redis cannot say. */
async function countKeys({ keys, log }: ListenQuestion): Promise<number | undefined> {
  try {
    return (await keys.current()).size
  } catch (error) {
    log.error('API keys cannot be read yet', { reason: (error as Error).message })
    return undefined
  }
}

/** Throws a ConfigError when it may not. */
export async function assertMayListen(question: ListenQuestion): Promise<void> {
  const { address, tenant, connection, log } = question
  const isLocal = isLoopback(address)
  const deadline = Date.now() + REDIS_WAIT_MS
  while (!isLocal && connection.trouble() !== undefined && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  if (isLocal && connection.trouble() !== undefined) return
  const count = await countKeys(question)
  if (isLocal) {
    if (count === 0)
      log.info('there is no API key: whoever is on this machine may read everything, and nobody else reaches it', { listen: address })
    return
  }
  const wider = `AIWATCH_LISTEN: ${address} can be reached from other machines, which needs an API key to exist`
  if (count === undefined) throw new ConfigError(`${wider}, and Redis does not say whether one does: ${connection.trouble() ?? 'no reply'}`)
  if (count === 0)
    throw new ConfigError(`${wider}: make one with "aiwatch keys create --role read --tenant ${tenant}", or listen on 127.0.0.1`)
}
