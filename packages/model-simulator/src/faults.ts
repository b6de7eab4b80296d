/** What can be made to go wrong, by the header `x-simulate-error` or at random. */
export const FAULTS = [
  /** 429 with retry-after, retry-after-ms and x-ratelimit-*. */
  '429',
  /** 429 with code insufficient_quota: waiting does not help. */
  'quota',
  '400',
  '401',
  '404',
  '500',
  /** An HTML page, as gateways send. */
  '502',
  /** "Overloaded", with retry-after. */
  '503',
  /** 400 with code context_length_exceeded. */
  'context_length',
  /** No answer at all: the connection stays open until the client gives up. */
  'timeout',
  /** The connection is closed in the middle of the answer. */
  'cut',
  /** The connection is closed before any byte of the answer. */
  'reset',
  /** Half of the answer, then silence. */
  'stall',
  /** An error object inside a stream that began with status 200; without stream the same as 500. */
  'stream_error',
  /** Responses API: ends with the event response.failed; elsewhere the same as stream_error. */
  'failed',
  /** Ends with finish_reason content_filter (Responses: incomplete). */
  'content_filter',
  /** The model declines: `refusal` instead of content. Not an error. */
  'refusal',
  /** Status 200 and a body that is no JSON. */
  'bad_json',
] as const
export type Fault = (typeof FAULTS)[number]

const names: ReadonlySet<string> = new Set(FAULTS)

export function isFault(name: string): name is Fault {
  return names.has(name)
}

/** Share of requests, 0 to 1, that meet a fault. */
export type FaultRates = Partial<Record<Fault, number>>

/** Reads `429=0.01,500=0.005`. Throws a TypeError that names the part which is wrong. */
export function parseFaultRates(text: string): FaultRates {
  const rates: FaultRates = {}
  for (const part of text.split(',').filter((piece) => piece.trim() !== '')) {
    const [name = '', share = ''] = part.split('=').map((piece) => piece.trim())
    if (!isFault(name)) throw new TypeError(`fault "${name}" is not one of ${FAULTS.join(', ')}`)
    const rate = Number(share)
    if (share === '' || !(rate >= 0 && rate <= 1)) throw new TypeError(`rate of fault ${name} must be between 0 and 1, got "${share}"`)
    rates[name] = rate
  }
  return rates
}

/** The fault that falls to a request, from one uniform number in [0, 1). */
export function drawFault(rates: FaultRates, uniform: number): Fault | undefined {
  let from = 0
  for (const fault of FAULTS) {
    from += rates[fault] ?? 0
    if (uniform < from) return fault
  }
  return undefined
}
