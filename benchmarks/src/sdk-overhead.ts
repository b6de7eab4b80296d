/**
 * What wrapping costs the host: CPU and wall time added per call, flush to Redis included, against the bare client. Four
 * clients take turns in random order: bare, bare again (the A/A control), wrapped, and the floor: the least code that reads usage
 * off the object and counts it (it misses errors, cut streams and retries). Pairs are added until the control's interval is narrow.
 *
 * Each turn ends by giving the event loop back for a moment: V8 collects garbage then, and a turn over a stub, all promises, would leave its own
 * to the next one that waits for anything, which only the wrapped one does (for Redis).
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { AIWatch } from '@aiwatch/sdk'
import { startRedis } from '@aiwatch/test-servers'
import OpenAI from 'openai'
import { printMachine } from './measure/machine.ts'
import { printGoal, printTable } from './measure/print-table.ts'
import { formatInterval, type Interval, medianInterval, seededRandom, shuffle } from './measure/statistics.ts'

const CHUNKS = 65
/**
 * A turn ends with a flush of everything, also of what the SDK by itself sends each ten seconds or each minute only. As many calls as a busy program
 * makes between two flushes, so that a call bears its share of one and not of several.
 */
const CALLS_PER_TURN = { stub: { json: 800, stream: 300 }, http: { json: 400, stream: 150 } }
/**
 * A call is counted when the event loop turns, which over a stub it does not, or when 128 wait: in turns of fewer what is done before the flush is what
 * a caller waits for. Over HTTP it is counted meanwhile.
 */
const CALLS_OF_SHORT_TURN = 100
const MIN_PAIRS = 30
const MAX_PAIRS = Number(process.env.BENCH_MAX_PAIRS ?? 200)
const INTERVAL_US = 15
/** Of each client, before anything is measured: the compiler goes on for thousands of calls, and for dozens of flushes, of which a turn has one. */
const WARM_UP_TURNS = 40
const TURN_END_MS = 4

const usage = {
  prompt_tokens: 1200,
  completion_tokens: 64,
  total_tokens: 1264,
  prompt_tokens_details: { cached_tokens: 1024, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
}
const base = { id: 'chatcmpl-1', created: 1_700_000_000, model: 'gpt-4o-mini-2024-07-18', system_fingerprint: 'fp_1' }
const jsonBody = JSON.stringify({
  ...base,
  object: 'chat.completion',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'word '.repeat(64), refusal: null }, logprobs: null, finish_reason: 'stop' },
  ],
  usage,
})

function streamChunks(withUsage: boolean): string[] {
  const nullUsage = withUsage ? { usage: null } : {}
  const chunk = (delta: object, finish_reason: string | null) =>
    `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, logprobs: null, finish_reason }], ...nullUsage })}\n\n`
  return [
    chunk({ role: 'assistant', content: '' }, null),
    ...Array.from({ length: CHUNKS - 2 }, (_, i) => chunk({ content: ` word${i}` }, null)),
    chunk({}, 'stop'),
    ...(withUsage ? [`data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [], usage })}\n\n`] : []),
    'data: [DONE]\n\n',
  ]
}
const encoder = new TextEncoder()
const encodedChunks = new Map([true, false].map((withUsage) => [withUsage, streamChunks(withUsage).map((text) => encoder.encode(text))]))
const chunksFor = (requestBody: string) => encodedChunks.get(requestBody.includes('"include_usage":true')) as Uint8Array[]

/** Answers like a provider without a network: what it costs is the same for all clients. */
async function stubFetch(_url: unknown, init?: { body?: unknown }): Promise<Response> {
  const body = String(init?.body ?? '')
  if (!body.includes('"stream":true')) return new Response(jsonBody, { headers: { 'content-type': 'application/json' } })
  const chunks = chunksFor(body)
  let next = 0
  const stream = new ReadableStream({
    pull(controller) {
      const chunk = chunks[next++]
      if (chunk) controller.enqueue(chunk)
      else controller.close()
    },
  })
  return new Response(stream, { headers: { 'content-type': 'text/event-stream' } })
}

async function startUpstream() {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (data) => (body += data))
    request.on('end', () => {
      if (!body.includes('"stream":true')) {
        response.setHeader('content-type', 'application/json')
        response.end(jsonBody)
        return
      }
      response.setHeader('content-type', 'text/event-stream')
      for (const chunk of chunksFor(body)) response.write(chunk)
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, close: () => server.close() }
}

const messages = [
  { role: 'system' as const, content: 'You answer in one sentence. '.repeat(20) },
  { role: 'user' as const, content: 'What is observability? '.repeat(20) },
]

type Kind = 'json' | 'stream'

/** `count` is the floor: it looks at each answer's usage, asking for it as the wrapped client does. */
async function runCalls(client: OpenAI, kind: Kind, calls: number, count?: (usage: unknown) => void): Promise<void> {
  for (let i = 0; i < calls; i++) {
    if (kind === 'json') {
      const answer = await client.chat.completions.create({ model: 'gpt-4o-mini', messages })
      count?.(answer.usage)
      continue
    }
    const stream = await client.chat.completions.create({
      model: 'gpt-4o-mini',
      messages,
      stream: true,
      ...(count ? { stream_options: { include_usage: true } } : {}),
    })
    for await (const chunk of stream) count?.(chunk.usage)
  }
}

interface Turn {
  /** Makes the calls. */
  run(): Promise<void>
  /** What is done once for all of them. */
  finish?(): Promise<void>
}

/** Of one call of a turn. */
interface Cost {
  cpuUs: number
  wallUs: number
  /** CPU until the calls were made: without the flush, and without garbage that is collected at the end. */
  inCallUs: number
}

async function measureTurn({ run, finish }: Turn, calls: number): Promise<Cost> {
  const before = process.cpuUsage()
  const cpuUs = () => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / calls
  }
  const start = process.hrtime.bigint()
  await run()
  const inCallUs = cpuUs()
  await finish?.()
  const wallUs = Number(process.hrtime.bigint() - start) / 1000 / calls
  await setTimeout(TURN_END_MS)
  return { cpuUs: cpuUs(), wallUs, inCallUs }
}

interface Added {
  control: Interval
  wrapped: Interval
  floor: Interval
  wrappedWall: Interval
  inCall: Interval
  pairs: number
}

async function compare(kind: Kind, calls: number, makeClient: () => OpenAI, watch: AIWatch): Promise<Added> {
  const bare = makeClient()
  const wrapped = watch.wrap(makeClient())
  const counted = { calls: 0, tokens: 0 }
  const count = (reported: unknown) => {
    if (!reported) return
    counted.calls++
    counted.tokens += (reported as typeof usage).total_tokens
  }
  const turns = {
    bare: { run: () => runCalls(bare, kind, calls) },
    control: { run: () => runCalls(bare, kind, calls) },
    wrapped: { run: () => runCalls(wrapped, kind, calls), finish: () => watch.flush() },
    floor: { run: () => runCalls(bare, kind, calls, count) },
  }
  const names = Object.keys(turns) as (keyof typeof turns)[]
  const random = seededRandom(7)
  const round = async () => {
    const cost: Partial<Record<keyof typeof turns, Cost>> = {}
    for (const name of shuffle(names, random)) cost[name] = await measureTurn(turns[name], calls)
    return cost as Record<keyof typeof turns, Cost>
  }
  for (let i = 0; i < WARM_UP_TURNS; i++) await round()
  const rounds: Record<keyof typeof turns, Cost>[] = []
  const added = (name: keyof typeof turns, cost: keyof Cost) => medianInterval(rounds.map((of) => of[name][cost] - of.bare[cost]))
  let control: Interval = { median: 0, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  while (rounds.length < MIN_PAIRS || ((control.high - control.low) / 2 > INTERVAL_US && rounds.length < MAX_PAIRS)) {
    rounds.push(await round())
    control = added('control', 'cpuUs')
  }
  return {
    control,
    wrapped: added('wrapped', 'cpuUs'),
    floor: added('floor', 'cpuUs'),
    wrappedWall: added('wrapped', 'wallUs'),
    inCall: added('wrapped', 'inCallUs'),
    pairs: rounds.length,
  }
}

printMachine()
const redis = await startRedis({ appendonly: true })
const upstream = await startUpstream()
const watch = new AIWatch({ redis: redis.url, app: 'bench' })
const results = new Map<string, Added>()
for (const over of ['stub', 'http'] as const) {
  const makeClient = () =>
    new OpenAI({
      apiKey: 'sk-bench',
      maxRetries: 0,
      ...(over === 'stub' ? { fetch: stubFetch as typeof fetch } : { baseURL: upstream.url }),
    })
  for (const kind of ['json', 'stream'] as const) {
    const whole = await compare(kind, CALLS_PER_TURN[over][kind], makeClient, watch)
    const { inCall } = await compare(kind, CALLS_OF_SHORT_TURN, makeClient, watch)
    results.set(`${over} ${kind}`, { ...whole, inCall })
  }
}
await watch.close()
upstream.close()
await redis.stop()

console.log('\nµs added per call: median of paired differences [95 % interval]')
printTable(
  ['call', 'A/A control, CPU', 'wrapped, CPU', 'of it in the call', 'floor, CPU', 'wrapped, wall', 'pairs'],
  [...results].map(([name, added]) => [
    name,
    formatInterval(added.control),
    formatInterval(added.wrapped),
    formatInterval(added.inCall),
    formatInterval(added.floor),
    formatInterval(added.wrappedWall),
    added.pairs,
  ]),
)
const stub = (kind: Kind) => results.get(`stub ${kind}`) as Added
printGoal('JSON over a stub fetch: ≤ 30 µs of CPU', stub('json').wrapped.median <= 30)
printGoal('JSON over a stub fetch: ≤ 10 µs of it in the call', stub('json').inCall.median <= 10)
printGoal('stream over a stub fetch: ≤ 120 µs of CPU', stub('stream').wrapped.median <= 120)
printGoal('further: JSON ≤ 15 µs', stub('json').wrapped.median <= 15)
printGoal('further: stream ≤ 80 µs', stub('stream').wrapped.median <= 80)
