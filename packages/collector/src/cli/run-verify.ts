/** The `verify` command: compares what is kept of a tenant in several forms. */
import { connectRedis, toStoreError } from '@aiwatch/store'
import { verifyTenant } from '../analytics/verify/verify-tenant.ts'
import { fitColumns } from './display-width.ts'
import type { FoundRedis } from './find-redis.ts'
import { isConsistent, renderVerify, verifyToJson } from './render-verify.ts'

export interface VerifyCommand {
  redis: FoundRedis
  tenant: string
  /** Seconds since the epoch. */
  sinceSeconds: number
  json: boolean
}

/** Time in milliseconds for one answer: an hour of many cells is some MB. */
const COMMAND_TIMEOUT_MS = 30_000
const CONNECT_TIMEOUT_MS = 5000
const PROGRESS_EVERY_MS = 200
const COLUMNS = 79

/** A line that is written over, on a terminal only. */
function openProgressLine() {
  const { stderr } = process
  let lastMs = 0
  const show = (text: string) => stderr.write(`\r${fitColumns(text, COLUMNS)}`)
  return {
    say: (text: string) => {
      if (!stderr.isTTY || Date.now() - lastMs < PROGRESS_EVERY_MS) return
      lastMs = Date.now()
      show(text)
    },
    clear: () => {
      if (lastMs > 0) stderr.write(`\r${' '.repeat(COLUMNS)}\r`)
    },
  }
}

/** Resolves with the exit code: 0 equal, 1 differences or no Redis. */
export async function runVerify({ redis, tenant, sinceSeconds, json }: VerifyCommand): Promise<number> {
  const connection = connectRedis(redis.urls.length === 1 ? (redis.urls[0] as string) : redis.urls, {
    role: 'reader',
    commandTimeoutMs: COMMAND_TIMEOUT_MS,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    setting: redis.source,
    connectionName: 'aiwatch-verify',
  })
  const progress = openProgressLine()
  try {
    const report = await verifyTenant(connection.client, { tenant, sinceSeconds, onProgress: progress.say })
    progress.clear()
    process.stdout.write(`${json ? verifyToJson(report) : renderVerify(report)}\n`)
    return isConsistent(report) ? 0 : 1
  } catch (error) {
    progress.clear()
    process.stderr.write(`aiwatch verify: ${toStoreError(error).message}\n`)
    return 1
  } finally {
    connection.close()
  }
}
