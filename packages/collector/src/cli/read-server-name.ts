import { z } from 'zod'

const TIMEOUT_MS = 2000

const healthSchema = z.object({
  checks: z.object({ redis: z.object({ kind: z.string(), version: z.string(), timeseries: z.string() }) }),
})

/** What the collector's data is kept in, such as `stack 7.4.1 (module)`; undefined when it does not say. */
export async function readServerName(url: URL): Promise<string | undefined> {
  try {
    const response = await fetch(new URL('health', url), { signal: AbortSignal.timeout(TIMEOUT_MS) })
    const { kind, version, timeseries } = healthSchema.parse(await response.json()).checks.redis
    return `${version.startsWith(kind) ? version : `${kind} ${version}`} (${timeseries})`
  } catch {
    return undefined
  }
}
