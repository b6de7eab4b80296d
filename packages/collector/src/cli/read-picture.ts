/** What `top` shows, from a collector's `/analytics`. */
import { z } from 'zod'

const number = z.number()

const pictureSchema = z.object({
  active_users_5m: number,
  active_users_1h: number,
  active_users_24h: number,
  active_sessions: number,
  token_rates: z.object({ input_per_minute: number, output_per_minute: number }),
  calls_per_second: number,
  requests_5m: number,
  response_time_p50: number,
  response_time_p95: number,
  response_time_p99: number,
  error_rate: number,
  cost_usd_24h: number,
  unpriced_calls_24h: number,
  models: z.array(
    z.object({
      model: z.string(),
      calls_24h: number,
      input_tokens_24h: number,
      output_tokens_24h: number,
      cost_usd_24h: number,
      unpriced_calls_24h: number,
      calls_per_second: number,
      error_rate: number,
      response_time_p50: number,
      response_time_p95: number,
      response_time_p99: number,
      first_token_p50: number,
      prefill_seconds_24h: number,
      decode_seconds_24h: number,
    }),
  ),
  top_users: z.array(
    z.object({
      user_id: z.string(),
      tokens_24h: number,
      total_input_tokens: number,
      total_output_tokens: number,
      total_sessions: number,
      last_seen: z.string(),
    }),
  ),
  error_patterns: z.array(z.object({ error_type: z.string(), model: z.string(), count: number, last_seen: z.string() })),
  timestamp: z.string(),
})

export type Picture = z.output<typeof pictureSchema>

const TIMEOUT_MS = 3000
const MAX_REASON = 200

function describeFailure(error: unknown): string {
  const { cause, name, message } = error as Error & { cause?: { code?: string; message?: string } }
  if (name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`
  return cause?.code ?? cause?.message ?? message
}

/** With a key where there is one: `AIWATCH_API_KEY`. */
function headersOf(apiKey: string | undefined): Record<string, string> {
  return { accept: 'application/json', ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}) }
}

/** Asks the collector once. Throws an Error whose text can be shown as it is. */
export async function readPicture(url: URL, apiKey: string | undefined): Promise<Picture> {
  const address = new URL('analytics', url)
  let response: Response
  let text: string
  try {
    response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS), headers: headersOf(apiKey) })
    text = await response.text()
  } catch (error) {
    throw new Error(`no collector at ${url.origin}: ${describeFailure(error)}`)
  }
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new Error(`${address} is not an AIWatch collector: its answer (status ${response.status}) is not JSON`)
  }
  if (!response.ok) {
    const reason = (body as { error?: unknown } | null)?.error
    throw new Error(typeof reason === 'string' ? reason.slice(0, MAX_REASON) : `${address} answered with status ${response.status}`)
  }
  const picture = pictureSchema.safeParse(body)
  if (picture.success) return picture.data
  const issue = picture.error.issues[0]
  throw new Error(`${address} is not an AIWatch collector of this version: ${issue?.path.join('.') || 'the answer'}: ${issue?.message}`)
}
