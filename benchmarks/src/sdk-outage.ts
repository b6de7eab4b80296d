/**
 * Redis is away for 10 s in the middle of 500 calls a second: is anything lost, how much memory is held, and does `close()`
 * keep its deadline while Redis is down?
 */
import { AIWatch } from '@aiwatch/sdk'
import { openReader } from '@aiwatch/store'
import { startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import OpenAI from 'openai'
import { printMachine } from './measure/machine.ts'
import { printGoal, printTable } from './measure/print-table.ts'

const CALLS_PER_SECOND = 500
const TOTAL_CALLS = 15_400
const OUTAGE_SECONDS = { from: 10, to: 20 }
const USERS = 1000
const MODELS = ['gpt-4o-mini', 'gpt-4o', 'gpt-4.1', 'gpt-4.1-mini', 'o4-mini']
const CLOSE_TIMEOUT_MS = 5000

const answer = (model: string) =>
  new Response(
    JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model,
      choices: [{ index: 0, message: { role: 'assistant', content: 'ok', refusal: null }, finish_reason: 'stop', logprobs: null }],
      usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
    }),
    { headers: { 'content-type': 'application/json' } },
  )
const stubFetch = async (_url: unknown, init?: { body?: unknown }) => answer(JSON.parse(String(init?.body)).model)

printMachine()
const redis = await startRedis({ appendonly: true, appendfsync: 'always' })
const watch = new AIWatch({ redis: redis.url, app: 'bench', closeTimeoutMs: CLOSE_TIMEOUT_MS, onError: () => {} })
const client = watch.wrap(new OpenAI({ apiKey: 'sk-bench', fetch: stubFetch as typeof fetch }))

let made = 0
let mostHeld = 0
let isAway = false
const open: Promise<unknown>[] = []
const start = Date.now()
await new Promise<void>((resolve) => {
  const timer = setInterval(async () => {
    const seconds = (Date.now() - start) / 1000
    if (!isAway && seconds >= OUTAGE_SECONDS.from && seconds < OUTAGE_SECONDS.to) {
      isAway = true
      await redis.kill()
    } else if (isAway && seconds >= OUTAGE_SECONDS.to) {
      isAway = false
      await redis.restart()
    }
    const due = Math.min(TOTAL_CALLS, Math.floor(seconds * CALLS_PER_SECOND))
    while (made < due) {
      const call = made++
      const answer = watch.with({ user: `user-${call % USERS}` }, () =>
        client.chat.completions.create({ model: MODELS[call % MODELS.length] as string, messages: [{ role: 'user', content: 'hello' }] }),
      )
      // The client reads an answer when somebody asks for it.
      open.push(answer.then(() => {}))
    }
    mostHeld = Math.max(mostHeld, watch.stats().bytesHeld)
    if (made === TOTAL_CALLS) {
      clearInterval(timer)
      resolve()
    }
  }, 20)
})
await Promise.all(open)
await watch.flush({ timeoutMs: 20_000 })

const connection = new Redis(redis.url)
const totals = await openReader(connection, { tenant: 'default' }).totals()
let kept = 0
for (const sums of totals.values()) for (const [code, value] of sums) if (code >= 1 && code <= 13) kept += value
connection.disconnect()

// The second question: Redis goes for good while calls are held.
await redis.kill()
for (let i = 0; i < 500; i++) await client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }] })
const closing = Date.now()
const left = await watch.close().then(
  (result) => result as unknown,
  (error: Error) => error.message,
)
const closeMs = Date.now() - closing
await redis.stop()

printTable(['calls made', 'in Redis', 'lost', 'most bytes held', 'close() while down, ms'], [[made, kept, made - kept, mostHeld, closeMs]])
console.log('close() said:', left)
printGoal('0 lost', made === kept)
printGoal('≤ 10 MB held', mostHeld <= 10_000_000)
printGoal('close() within 2 s of its deadline', closeMs <= CLOSE_TIMEOUT_MS + 2000)
