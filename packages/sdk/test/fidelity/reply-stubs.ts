/** A fetch that answers from memory, for what needs no server: hosts of real providers, broken replies. */
export interface StubCall {
  url: string
  init: RequestInit | undefined
}

export interface StubFetch {
  (input: unknown, init?: RequestInit): Promise<Response>
  calls: StubCall[]
}

/** Each call takes the next reply; the last one answers all further calls. */
export function stubFetch(...replies: ((body: string) => Response | Promise<Response>)[]): StubFetch {
  const stub = async (input: unknown, init?: RequestInit) => {
    stub.calls.push({ url: String(input instanceof Request ? input.url : input), init })
    const reply = replies.length > 1 ? replies.shift() : replies[0]
    if (!reply) throw new TypeError('fetch failed')
    return reply(String(init?.body ?? ''))
  }
  stub.calls = [] as StubCall[]
  return stub
}

export const jsonResponse = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  })

/** A stream of events, a chunk each. */
export function eventResponse(events: readonly string[]): Response {
  const encoder = new TextEncoder()
  const left = [...events]
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const event = left.shift()
      if (event === undefined) controller.close()
      else controller.enqueue(encoder.encode(event))
    },
  })
  return new Response(stream, { headers: { 'content-type': 'text/event-stream' } })
}
