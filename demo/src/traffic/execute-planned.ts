/** Makes one planned call with a real client, the way a program would. */
import { type PlannedRequest, simulateHeaders } from '@aiwatch/model-simulator'
import type Anthropic from '@anthropic-ai/sdk'
import type OpenAI from 'openai'
import type { CrowdClients } from './crowd-clients.ts'

type Options = { headers: Record<string, string>; signal?: AbortSignal }

/** Rejects with the client's error when the call fails. */
export async function executePlanned(clients: CrowdClients, planned: PlannedRequest, signal?: AbortSignal): Promise<void> {
  const options: Options = { headers: simulateHeaders(planned), signal }
  if (planned.operation === 'messages') return message(clients.anthropicFor(planned.app), planned, options)
  const client = clients.openaiFor(planned.app, planned.model)
  switch (planned.operation) {
    case 'chat':
      return chat(client, planned, options)
    case 'responses':
      return respond(client, planned, options)
    case 'completions':
      return complete(client, planned, options)
    case 'embeddings':
      await client.embeddings.create({ model: planned.model, input: `question of ${planned.session}`, dimensions: 64 }, options)
  }
}

function question(planned: PlannedRequest): string {
  return `Question ${planned.turn} about ${planned.tags['feature'] ?? 'something'}.`
}

async function chat(client: OpenAI, planned: PlannedRequest, options: Options): Promise<void> {
  const body = { model: planned.model, messages: [{ role: 'user' as const, content: question(planned) }] }
  if (!planned.isStream) {
    await client.chat.completions.create(body, options)
    return
  }
  const stream_options = planned.asksForUsage ? { include_usage: true } : undefined
  const stream = await client.chat.completions.create({ ...body, stream: true, stream_options }, options)
  await readStream(stream, planned, (chunk) => Boolean(chunk.choices[0]?.delta.content))
}

/** More than any answer of the crowd has: how long one is, the headers say. */
const MAX_TOKENS = 8192

async function message(client: Anthropic, planned: PlannedRequest, options: Options): Promise<void> {
  const messages = [{ role: 'user' as const, content: question(planned) }]
  const body = { model: planned.model, max_tokens: MAX_TOKENS, messages }
  if (!planned.isStream) {
    await client.messages.create(body, options)
    return
  }
  const stream = await client.messages.create({ ...body, stream: true }, options)
  await readStream(stream, planned, (event) => event.type === 'content_block_delta')
}

async function respond(client: OpenAI, planned: PlannedRequest, options: Options): Promise<void> {
  const body = { model: planned.model, input: question(planned) }
  if (!planned.isStream) {
    await client.responses.create(body, options)
    return
  }
  const stream = await client.responses.create({ ...body, stream: true }, options)
  await readStream(stream, planned, (event) => event.type === 'response.output_text.delta')
}

async function complete(client: OpenAI, planned: PlannedRequest, options: Options): Promise<void> {
  const body = { model: planned.model, prompt: question(planned), max_tokens: 256 }
  if (!planned.isStream) {
    await client.completions.create(body, options)
    return
  }
  const stream = await client.completions.create({ ...body, stream: true }, options)
  await readStream(stream, planned, (chunk) => Boolean(chunk.choices[0]?.text))
}

/** Reads to the end, or leaves after as many chunks with content as the plan says. */
async function readStream<Chunk>(
  stream: AsyncIterable<Chunk>,
  planned: PlannedRequest,
  hasContent: (chunk: Chunk) => boolean,
): Promise<void> {
  let chunks = 0
  for await (const chunk of stream) {
    if (hasContent(chunk)) chunks++
    if (planned.leavesAfterChunks !== undefined && chunks >= planned.leavesAfterChunks) break
  }
}
