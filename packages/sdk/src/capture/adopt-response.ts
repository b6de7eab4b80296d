/** Observes an answer whose request was not seen: a client that sends by a fetch of its own. */
import { providerOf, recogniseUrl } from '../dialects/index.ts'
import { isObject } from '../dialects/reading.ts'
import { observeResponse } from './observe-response.ts'
import type { OpenCall, RequestOptions } from './open-call.ts'

export function adoptResponse(call: OpenCall, response: Response, options: RequestOptions = {}): void {
  const dialect = recogniseUrl(response.url ?? '')
  if (!dialect || options.method?.toUpperCase() !== 'POST') return
  const body = isObject(options.body) ? options.body : {}
  const exchange = call.begin(
    {
      url: response.url,
      dialect,
      provider: providerOf(new URL(response.url).host, dialect),
      model: typeof body.model === 'string' ? body.model : '',
      stream: body.stream === true,
      body: undefined,
      signal: options.signal,
    },
    call.recorder,
  )
  exchange.status = response.status
  observeResponse(response, exchange)
}
