/** The `doctor` command. */
import { examine } from './doctor/examine.ts'
import { type FoundRedis, showRedis } from './find-redis.ts'
import { findingsToJson, isWell, renderFindings } from './render-findings.ts'
import { readStartFile } from './start-file.ts'
import { useColor } from './use-color.ts'

export interface DoctorCommand {
  redis: FoundRedis
  collector: URL
  tenant: string
  /** Warnings count as problems. */
  strict: boolean
  json: boolean
}

const PLAIN_COLUMNS = 80
const MAX_COLUMNS = 120

/** Resolves with the exit code: 0 well, 1 problems. */
export async function runDoctor({ redis, collector, tenant, strict, json }: DoctorCommand): Promise<number> {
  const redisShown = showRedis(redis)
  const startFile = readStartFile(process.cwd())
  const findings = await examine({ redis, redisShown, collector, tenant, environment: process.env, startFile })
  const head = { redis: redisShown, tenant, strict }
  const columns = process.stdout.isTTY ? Math.min(process.stdout.columns ?? PLAIN_COLUMNS, MAX_COLUMNS) : PLAIN_COLUMNS
  const text = json ? findingsToJson(findings, head) : renderFindings(findings, head, { columns, color: useColor() })
  process.stdout.write(`${text}\n`)
  return isWell(findings, strict) ? 0 : 1
}
