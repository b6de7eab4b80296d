import { toStoreError } from '@aiwatch/store'
import { type Check, type Finding, isRefused, NOT_ALLOWED, unknown } from './finding.ts'

/** Time in milliseconds that one check may take. */
const CHECK_LIMIT_MS = 5000

async function within<Answer>(limitMs: number, run: () => Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs / 1000} s`)), limitMs)
  })
  try {
    return await Promise.race([run(), tooLate])
  } finally {
    clearTimeout(timer)
  }
}

async function runCheck({ name, run }: Check, limitMs: number): Promise<Finding[]> {
  try {
    const verdicts = await within(limitMs, run)
    return (Array.isArray(verdicts) ? verdicts : [verdicts]).map((verdict) => ({ check: name, ...verdict }))
  } catch (error) {
    if (isRefused(error)) return [{ check: name, ...unknown(NOT_ALLOWED) }]
    return [{ check: name, ...unknown(`could not be looked at: ${toStoreError(error).message}`) }]
  }
}

/** One after the other, so that latencies are not those of other checks. A check that fails or hangs is a finding; the rest goes on. */
export async function runChecks(checks: readonly Check[], limitMs = CHECK_LIMIT_MS): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const check of checks) findings.push(...(await runCheck(check, limitMs)))
  return findings
}
