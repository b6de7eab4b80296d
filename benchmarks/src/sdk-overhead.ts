/**
 * What wrapping costs the host: CPU and wall time added per call, flush to Redis included, against the bare client. Four
 * clients take turns in random order: bare, bare again (the A/A control), wrapped, and the floor: the least code that reads usage
 * off the object and counts it (it misses errors, cut streams and retries). Pairs are added until the control's interval is narrow.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AIWatch } from '@aiwatch/sdk'
import { startRedis } from '@aiwatch/test-servers'
import OpenAI from 'openai'
import { printMachine } from './measure/machine.ts'
import { printGoal, printTable } from './measure/print-table.ts'
import { formatInterval, type Interval, medianInterval, seededRandom, shuffle } from './measure/statistics.ts'

const CHUNKS = 65
const CALLS_PER_TURN = { stub: { json: 200, stream: 60 }, http: { json: 100, stream: 40 } }
const MIN_PAIRS = 30
const MAX_PAIRS = Number(process.env.BENCH_MAX_PAIRS ?? 200)
const INTERVAL_US = 15

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

interface Cost {
  cpuUs: number
  wallUs: number
}

async function measureTurn(turn: () => Promise<void>, calls: number): Promise<Cost> {
  const cpu = process.cpuUsage()
  const start = process.hrtime.bigint()
  await turn()
  const wallUs = Number(process.hrtime.bigint() - start) / 1000
  const spent = process.cpuUsage(cpu)
  return { cpuUs: (spent.user + spent.system) / calls, wallUs: wallUs / calls }
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
  let inCallUs = 0
  const turns: Record<string, () => Promise<void>> = {
    bare: () => runCalls(bare, kind, calls),
    control: () => runCalls(bare, kind, calls),
    wrapped: async () => {
      const cpu = process.cpuUsage()
      await runCalls(wrapped, kind, calls)
      const spent = process.cpuUsage(cpu)
      inCallUs = (spent.user + spent.system) / calls
      await watch.flush()
    },
    floor: () => runCalls(bare, kind, calls, count),
  }
  const random = seededRandom(7)
  const added = {
    control: [] as number[],
    wrapped: [] as number[],
    floor: [] as number[],
    wrappedWall: [] as number[],
    inCall: [] as number[],
  }
  // The compiler needs some hundred calls to settle.
  for (const turn of Object.values(turns)) for (let i = 0; i < 5; i++) await turn()
  let control: Interval = { median: 0, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  while (added.control.length < MIN_PAIRS || ((control.high - control.low) / 2 > INTERVAL_US && added.control.length < MAX_PAIRS)) {
    const cost: Record<string, Cost> = {}
    for (const name of shuffle(Object.keys(turns), random)) cost[name] = await measureTurn(turns[name] as () => Promise<void>, calls)
    const bareCost = cost.bare as Cost
    added.control.push((cost.control as Cost).cpuUs - bareCost.cpuUs)
    added.wrapped.push((cost.wrapped as Cost).cpuUs - bareCost.cpuUs)
    added.inCall.push(inCallUs - bareCost.cpuUs)
    added.floor.push((cost.floor as Cost).cpuUs - bareCost.cpuUs)
    added.wrappedWall.push((cost.wrapped as Cost).wallUs - bareCost.wallUs)
    control = medianInterval(added.control)
  }
  return {
    control,
    wrapped: medianInterval(added.wrapped),
    floor: medianInterval(added.floor),
    wrappedWall: medianInterval(added.wrappedWall),
    inCall: medianInterval(added.inCall),
    pairs: added.control.length,
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
    results.set(`${over} ${kind}`, await compare(kind, CALLS_PER_TURN[over][kind], makeClient, watch))
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
