/** Calls of a few tokens to a real model, each by a real client, the same in every run. */
import type Anthropic from '@anthropic-ai/sdk'
import type OpenAI from 'openai'

export interface Clients {
  openai: OpenAI
  anthropic: Anthropic
  model: string
}

export type MakeCall = (clients: Clients, number: number, leaving?: Leaving) => Promise<void>

/** How a caller goes before the end. */
export interface Leaving {
  maxTokens: number
  /** Leaves the loop over a stream at this chunk; with an `abort`, calls that instead. */
  atChunk?: number
  abort?: () => void
  signal?: AbortSignal
}

const OBJECTS = ['a lighthouse', 'the number seven', 'a bicycle', 'rain', 'an old map', 'the sea', 'a violin', 'bread']

/** Some prompts come again, so that the model has them in its cache. */
const question = (number: number) => `Tell me about ${OBJECTS[(number * 3) % OBJECTS.length]}.`
const tokens = (number: number, leaving?: Leaving) => leaving?.maxTokens ?? 2 + (number % 4)

async function read(stream: AsyncIterable<unknown>, leaving?: Leaving): Promise<void> {
  let chunks = 0
  for await (const _ of stream) {
    if (++chunks !== leaving?.atChunk) continue
    if (!leaving.abort) break
    leaving.abort()
  }
}

const chatBody = (clients: Clients, number: number, leaving?: Leaving) => ({
  model: clients.model,
  temperature: 0,
  max_tokens: tokens(number, leaving),
  messages: [{ role: 'user' as const, content: question(number) }],
})

const CHAT: MakeCall = async (clients, number, leaving) => {
  await clients.openai.chat.completions.create(chatBody(clients, number, leaving), { signal: leaving?.signal })
}

/** Every other one asks for usage itself; for the others the SDK asks, and hides the answer. */
const CHAT_STREAM: MakeCall = async (clients, number, leaving) => {
  const body = { ...chatBody(clients, number, leaving), stream: true as const }
  const asking = number % 2 === 0 ? { stream_options: { include_usage: true } } : {}
  await read(await clients.openai.chat.completions.create({ ...body, ...asking }, { signal: leaving?.signal }), leaving)
}

const completionBody = ({ model }: Clients, number: number, leaving?: Leaving) => ({
  model,
  temperature: 0,
  max_tokens: tokens(number, leaving),
  prompt: `Once upon a time ${OBJECTS[number % OBJECTS.length]}`,
})

const COMPLETION: MakeCall = async (clients, number, leaving) => {
  await clients.openai.completions.create(completionBody(clients, number, leaving), { signal: leaving?.signal })
}

const COMPLETION_STREAM: MakeCall = async (clients, number, leaving) => {
  const body = { ...completionBody(clients, number, leaving), stream: true as const }
  await read(await clients.openai.completions.create(body, { signal: leaving?.signal }), leaving)
}

const responseBody = ({ model }: Clients, number: number, leaving?: Leaving) => ({
  model,
  temperature: 0,
  max_output_tokens: tokens(number, leaving),
  input: question(number),
})

const RESPONSE: MakeCall = async (clients, number, leaving) => {
  await clients.openai.responses.create(responseBody(clients, number, leaving), { signal: leaving?.signal })
}

const RESPONSE_STREAM: MakeCall = async (clients, number, leaving) => {
  const body = { ...responseBody(clients, number, leaving), stream: true as const }
  await read(await clients.openai.responses.create(body, { signal: leaving?.signal }), leaving)
}

const MESSAGE: MakeCall = async (clients, number, leaving) => {
  await clients.anthropic.messages.create(chatBody(clients, number, leaving), { signal: leaving?.signal })
}

const MESSAGE_STREAM: MakeCall = async (clients, number, leaving) => {
  const body = { ...chatBody(clients, number, leaving), stream: true as const }
  await read(await clients.anthropic.messages.create(body, { signal: leaving?.signal }), leaving)
}

/** Their replies say how long the model took. */
export const TIMED_CALLS = [CHAT, CHAT_STREAM, COMPLETION, COMPLETION_STREAM, RESPONSE_STREAM]
export const UNTIMED_CALLS = [RESPONSE, MESSAGE, MESSAGE_STREAM]
export const STREAMED_CALLS = [CHAT_STREAM, COMPLETION_STREAM, RESPONSE_STREAM, MESSAGE_STREAM]
export const WHOLE_CALLS = [CHAT, COMPLETION, RESPONSE, MESSAGE]
