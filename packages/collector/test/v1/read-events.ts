/** A client of `GET /v1/stream`, as a browser's EventSource is one. */
import type { Live, NewCalls } from '../../src/contract/index.ts'

export interface StreamEvent {
  event: string
  id: string | undefined
  data: unknown
}

export interface OpenStream {
  status: number
  events: StreamEvent[]
  comments: string[]
  live(): Live[]
  calls(): NewCalls[]
  /** Resolves when `isRight` holds, or after ten seconds. */
  until(isRight: () => boolean): Promise<void>
  /** True once the server has ended it. */
  ended(): boolean
  close(): void
}

function parseBlock(block: string, { events, comments }: Pick<OpenStream, 'events' | 'comments'>): void {
  const fields = new Map<string, string>()
  for (const line of block.split('\n')) {
    if (line.startsWith(':')) comments.push(line.slice(1).trim())
    else fields.set(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2))
  }
  const [event, data] = [fields.get('event'), fields.get('data')]
  if (event !== undefined && data !== undefined) events.push({ event, id: fields.get('id'), data: JSON.parse(data) })
}

export async function openStream(base: string, query = '', headers: Record<string, string> = {}): Promise<OpenStream> {
  const controller = new AbortController()
  const response = await fetch(`${base}/v1/stream${query}`, { headers, signal: controller.signal })
  const stream: Pick<OpenStream, 'events' | 'comments'> = { events: [], comments: [] }
  let hasEnded = false
  const read = async () => {
    let rest = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      rest += decoder.decode(chunk, { stream: true })
      const blocks = rest.split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) parseBlock(block, stream)
    }
  }
  read()
    .catch(() => {})
    .finally(() => {
      hasEnded = true
    })
  const dataOf = <Data>(name: string) => stream.events.filter(({ event }) => event === name).map(({ data }) => data as Data)
  return {
    ...stream,
    status: response.status,
    live: () => dataOf<Live>('live'),
    calls: () => dataOf<NewCalls>('calls'),
    async until(isRight) {
      const deadline = Date.now() + 10_000
      while (!isRight() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
    },
    ended: () => hasEnded,
    close: () => controller.abort(),
  }
}
