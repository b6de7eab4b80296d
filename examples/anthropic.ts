/**
 * The Anthropic client, wrapped: every call below is counted, with its user and session.
 * Run it after `npm start`: npm run example:anthropic
 * It talks to the simulated model of `npm start`, or to ANTHROPIC_BASE_URL with ANTHROPIC_API_KEY and ANTHROPIC_MODEL.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AIWatch } from '@aiwatch/sdk'
import Anthropic from '@anthropic-ai/sdk'

// What `npm start` left: the addresses of its Redis and its model. Variables that are set already go before.
const started = fileURLToPath(new URL('../.aiwatch/env', import.meta.url))
if (existsSync(started)) process.loadEnvFile(started)
// Without /v1: this client adds it.
const baseURL = process.env.ANTHROPIC_BASE_URL || 'http://127.0.0.1:8090'
const apiKey = process.env.ANTHROPIC_API_KEY || 'sk-example'
const model = process.env.ANTHROPIC_MODEL || 'claude-haiku-4-5'
const maxTokens = 40

const watch = new AIWatch({ app: 'example' })
const anthropic = watch.wrap(new Anthropic({ baseURL, apiKey }))

async function message(): Promise<void> {
  const { content } = await anthropic.messages.create({
    model,
    max_tokens: maxTokens,
    messages: [{ role: 'user', content: 'How long is the Danube?' }],
  })
  console.log(`message    ${content.map((block) => (block.type === 'text' ? block.text : '')).join('')}`)
}

async function streamed(): Promise<void> {
  const stream = await anthropic.messages.create({
    model,
    max_tokens: maxTokens,
    messages: [{ role: 'user', content: 'And the Nile?' }],
    stream: true,
  })
  process.stdout.write('streamed   ')
  for await (const event of stream) {
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') process.stdout.write(event.delta.text)
  }
  process.stdout.write('\n')
}

async function helper(): Promise<void> {
  const question = { role: 'user' as const, content: 'Which one carries more water?' }
  const final = await anthropic.messages.stream({ model, max_tokens: maxTokens, messages: [question] }).finalMessage()
  const { input_tokens, output_tokens } = final.usage
  console.log(`helper     ${input_tokens} tokens in, ${output_tokens} out, stopped by ${final.stop_reason}`)
}

console.log(`asking ${model} at ${baseURL}\n`)
let failed = 0
await watch.with({ user: 'ada', session: `example-${process.pid}`, tags: { feature: 'rivers' } }, async () => {
  // A call that fails is counted as well.
  for (const call of [message, streamed, helper]) {
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
process.exitCode = heldCalls > 0 || failed === 3 ? 1 : 0
