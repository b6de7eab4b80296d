/** Begins to connect, with a minute of patience, and has nothing else to do. */
import { connectRedis } from '@aiwatch/store'

const { client } = connectRedis(process.env.AIWATCH_REDIS_URL as string, { role: 'writer', connectTimeoutMs: 60_000 })
client.connect().catch(() => {})
