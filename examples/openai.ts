/**
 * The openai client, wrapped: every call below is counted, with its user and session.
 * Run it after `npm start`: npm run example
 * It talks to the simulated model of `npm start`, or to OPENAI_BASE_URL with OPENAI_API_KEY, CHAT_MODEL and EMBEDDING_MODEL.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AIWatch } from '@aiwatch/sdk'
import OpenAI from 'openai'

// What `npm start` left: the addresses of its Redis and its simulated model. Variables that are set already go before.
const started = fileURLToPath(new URL('../.aiwatch/env', import.meta.url))
if (existsSync(started)) process.loadEnvFile(started)
const baseURL = process.env.OPENAI_BASE_URL || 'http://127.0.0.1:8090/v1'
const apiKey = process.env.OPENAI_API_KEY || 'sk-example'
const model = process.env.CHAT_MODEL || 'gpt-4o-mini'
const embeddingModel = process.env.EMBEDDING_MODEL || 'text-embedding-3-small'
const maxTokens = 40

const watch = new AIWatch({ app: 'example' })
const openai = watch.wrap(new OpenAI({ baseURL, apiKey }))

async function chat(): Promise<void> {
  const answer = await openai.chat.completions.create({
    model,
    messages: [{ role: 'user', content: 'How long is the Danube?' }],
    max_completion_tokens: maxTokens,
  })
  console.log(`chat       ${answer.choices[0]?.message.content}`)
}

async function streamedChat(): Promise<void> {
  const stream = await openai.chat.completions.create({
    model,
    messages: [{ role: 'user', content: 'And the Nile?' }],
    max_completion_tokens: maxTokens,
    stream: true,
  })
  process.stdout.write('streamed   ')
  for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '')
  process.stdout.write('\n')
}

async function respond(): Promise<void> {
  const response = await openai.responses.create({ model, input: 'Which one carries more water?', max_output_tokens: maxTokens })
  console.log(`responses  ${response.output_text}`)
}

async function embed(): Promise<void> {
  const { data } = await openai.embeddings.create({ model: embeddingModel, input: ['Danube', 'Nile'] })
  console.log(`embeddings ${data.length} vectors of ${data[0]?.embedding.length} numbers`)
}

console.log(`asking ${model} at ${baseURL}\n`)
let failed = 0
await watch.with({ user: 'ada', session: `example-${process.pid}`, tags: { feature: 'rivers' } }, async () => {
  // Not every server has every endpoint; a call that fails is counted as well.
  for (const call of [chat, streamedChat, respond, embed]) {
    await call().catch((error: Error) => {
      failed++
      console.error(`${call.name} failed: ${error.message}`)
    })
  }
})

const { heldCalls } = await watch.close()
const { recorded } = watch.stats()
const collector = process.env.AIWATCH_COLLECTOR_URL || 'http://127.0.0.1:8081'
console.log(`\n${recorded} calls counted, ${recorded - heldCalls} of them in Redis. Now look at them:\n`)
console.log(`  curl ${collector}/analytics\n  npx aiwatch top`)
if (heldCalls > 0) console.error('\nRedis did not answer: run npm start first, or set AIWATCH_REDIS_URL.')
process.exitCode = heldCalls > 0 || failed === 4 ? 1 : 0
