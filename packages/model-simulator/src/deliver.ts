/** Writes an answer to the client: in time, and with the fault that it is to meet. */
import { type Answer, breakingPoint, type Frame, type JsonAnswer, type StreamAnswer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import { responseHeaders } from './response-headers.ts'

/** Least time between two writes of content: what falls due in it is one write, as networks deliver it. It halves the cost of a stream. */
const TICK_MS = 25
/** Above this many characters a write is split, so that a client can leave in the middle of an answer without latency. */
const WRITE_CHARACTERS = 16_384

export async function deliver(exchange: Exchange, answer: Answer): Promise<void> {
  if (exchange.fault === 'timeout') return hang(exchange)
  if (exchange.fault === 'reset') {
    bookError(exchange, answer, { sentTokens: 0, isNamed: false })
    exchange.response.destroy()
    return
  }
  if (answer.kind === 'json') await deliverJson(exchange, answer)
  else await deliverStream(exchange, answer)
}

async function hang(exchange: Exchange): Promise<void> {
  await exchange.waitForClose()
  exchange.book({ model: exchange.model?.name ?? 'unknown', outcome: 'error', errorKind: exchange.fault })
}

async function deliverJson(exchange: Exchange, answer: JsonAnswer): Promise<void> {
  const { response, fault } = exchange
  await exchange.waitUntil(exchange.startedAt + answer.plan.totalMs)
  if (exchange.isOver) return bookAborted(exchange, answer, { sentTokens: 0, isNamed: false })
  const body = fault === 'bad_json' ? '<html>not what you asked for</html>' : answer.body
  const bytes = Buffer.from(body)
  response.writeHead(200, [...responseHeaders(exchange), 'content-type', 'application/json', 'content-length', String(bytes.length)])
  if (fault === 'cut' || fault === 'stall') {
    await writeOut(exchange, bytes.subarray(0, bytes.length >> 1))
    if (fault === 'stall') await exchange.waitForClose()
    bookError(exchange, answer, { sentTokens: 0, isNamed: false })
    response.destroy()
    return
  }
  response.on('close', () => {
    if (!response.writableFinished) bookAborted(exchange, answer, { sentTokens: 0, isNamed: false })
  })
  response.end(bytes, () => {
    if (fault === 'bad_json') bookError(exchange, answer, { sentTokens: 0, isNamed: false })
    else bookWhole(exchange, answer, exchange.controls.usage !== null)
  })
}

async function deliverStream(exchange: Exchange, answer: StreamAnswer): Promise<void> {
  const { response, fault } = exchange
  const { frames, plan } = answer
  const isBroken = fault === 'cut' || fault === 'stall' || fault === 'stream_error' || fault === 'failed'
  const stopAt = isBroken ? breakingPoint(frames) : frames.length
  const msPerToken = (plan.totalMs - plan.firstTokenMs) / Math.max(1, plan.visibleTokens)
  const headers = ['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache', 'transfer-encoding', 'chunked']
  const dueAt = (frame: Frame, tokensBefore: number) =>
    exchange.startedAt + (frame.isEarly ? plan.firstTokenMs / 10 : plan.firstTokenMs + (tokensBefore + frame.tokens) * msPerToken)

  const tickMs = plan.totalMs === 0 ? 0 : TICK_MS
  let sentTokens = 0
  let mayWriteAt = 0
  for (let next = 0; next < stopAt; ) {
    await exchange.waitUntil(Math.max(mayWriteAt, dueAt(frames[next] as Frame, sentTokens)))
    if (exchange.isOver) return bookAborted(exchange, answer, { sentTokens, isNamed: next > 0 })
    if (next === 0) response.writeHead(200, [...responseHeaders(exchange), ...headers])
    const now = performance.now()
    let text = ''
    while (next < stopAt && text.length < WRITE_CHARACTERS) {
      const frame = frames[next] as Frame
      if (text !== '' && dueAt(frame, sentTokens) > now) break
      text += frame.text
      sentTokens += frame.tokens
      next++
    }
    if (sentTokens > 0) mayWriteAt = now + tickMs
    if (!response.write(text)) await exchange.waitForDrain()
    // Lets the event loop see that the client has left, where no time is simulated.
    else if (plan.totalMs === 0 && next < stopAt) await new Promise(setImmediate)
  }
  if (exchange.isOver) return bookAborted(exchange, answer, { sentTokens, isNamed: true })
  await endStream(exchange, answer, sentTokens)
}

async function endStream(exchange: Exchange, answer: StreamAnswer, sentTokens: number): Promise<void> {
  const { response, fault } = exchange
  if (fault === 'cut' || fault === 'stall') {
    await writeOut(exchange, '')
    if (fault === 'stall') await exchange.waitForClose()
    bookError(exchange, answer, { sentTokens, isNamed: true })
    response.destroy()
    return
  }
  response.on('close', () => {
    if (!response.writableFinished) bookAborted(exchange, answer, { sentTokens, isNamed: true })
  })
  if (fault === 'stream_error' || fault === 'failed') {
    response.end(fault === 'failed' ? answer.failure.failed : answer.failure.error, () =>
      bookError(exchange, answer, { sentTokens, isNamed: true }),
    )
  } else response.end(() => bookWhole(exchange, answer, answer.sendsUsage))
}

/** Resolves when the bytes have left this process, or the connection is closed. */
function writeOut(exchange: Exchange, bytes: Buffer | string): Promise<unknown> {
  const written = new Promise<void>((resolve) => {
    // An empty write has no callback of its own in chunked encoding; a comment line is no event.
    exchange.response.write(bytes.length === 0 ? ':\n\n' : bytes, () => resolve())
  })
  return Promise.race([written, exchange.waitForClose()])
}

interface Sent {
  sentTokens: number
  /** The part that was sent names the model that answers. */
  isNamed: boolean
}

function bookWhole(exchange: Exchange, answer: Answer, sendsUsage: boolean): void {
  const { inputTokens, outputTokens, cachedTokens, cacheWriteTokens, reasoningTokens } = answer.plan
  const isFiltered = exchange.fault === 'content_filter'
  exchange.book({
    model: exchange.model?.answeredAs ?? 'unknown',
    outcome: isFiltered ? 'error' : 'ok',
    errorKind: isFiltered ? 'content_filter' : undefined,
    reported: sendsUsage ? { inputTokens, outputTokens, cachedTokens, cacheWriteTokens, reasoningTokens } : undefined,
    unreported: sendsUsage ? undefined : { inputTokens, outputTokens },
  })
}

function bookAborted(exchange: Exchange, answer: Answer, sent: Sent): void {
  bookUnreported(exchange, answer, sent, 'aborted')
}

function bookError(exchange: Exchange, answer: Answer, sent: Sent): void {
  bookUnreported(exchange, answer, sent, 'error')
}

function bookUnreported(exchange: Exchange, answer: Answer, { sentTokens, isNamed }: Sent, outcome: 'aborted' | 'error'): void {
  exchange.book({
    model: (isNamed ? exchange.model?.answeredAs : exchange.model?.name) ?? 'unknown',
    outcome,
    errorKind: outcome === 'error' ? exchange.fault : undefined,
    unreported: { inputTokens: answer.plan.inputTokens, outputTokens: sentTokens },
  })
}
