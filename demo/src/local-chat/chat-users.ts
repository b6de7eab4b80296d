/** A few users who chat with a real model: short conversations, time to think between the questions. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { AIWatch } from '@aiwatch/sdk'
import OpenAI from 'openai'
import { FOLLOW_UPS, TOPICS } from './topics.ts'
import { Turnstile } from './turnstile.ts'

export interface ChatUsersOptions {
  watch: AIWatch
  /** Of the model server, with /v1. */
  baseURL: string
  model: string
  users: readonly string[]
  /** Mean time between an answer and the next question, milliseconds. Default 8000. */
  thinkTimeMs?: number
  /** No further questions after it, and the answer that is under way is left. */
  stop: AbortSignal
  onTrouble(error: unknown): void
}

/** The name that the calls of these users have. */
export const LOCAL_CHAT_APP = 'local-chat'
/** What answers is no company's endpoint: the name of the server program. */
export const LOCAL_PROVIDER = 'llama.cpp'

const THINK_TIME_MS = 8000
const MAX_TURNS = 4
const MAX_TOKENS = 48
/** A model on the processors of a small machine answers one question at a time, or all slowly. */
const CALLS_AT_ONCE = 1
const STREAMED_SHARE = 0.7
/** Readers who have seen enough. */
const LEAVING_SHARE = 0.08
const LEAVES_AFTER_CHUNKS = 6
const CLIENT_TIMEOUT_MS = 120_000

type Message = OpenAI.ChatCompletionMessageParam

/** Resolves when `stop` is aborted and every user has gone. */
export async function runChatUsers(options: ChatUsersOptions): Promise<void> {
  const { watch, baseURL, users } = options
  const client = watch.wrap(new OpenAI({ baseURL, apiKey: 'local', maxRetries: 1, timeout: CLIENT_TIMEOUT_MS }), {
    app: LOCAL_CHAT_APP,
    provider: LOCAL_PROVIDER,
  })
  const turnstile = new Turnstile(CALLS_AT_ONCE)
  await Promise.all(users.map((user, index) => chatUntilStopped({ user, index, client, turnstile, ...options })))
}

interface ChatUser extends ChatUsersOptions {
  user: string
  index: number
  client: OpenAI
  turnstile: Turnstile
}

async function chatUntilStopped(chatUser: ChatUser): Promise<void> {
  const { user, index, thinkTimeMs = THINK_TIME_MS, stop, onTrouble } = chatUser
  // They do not all sit down at the same instant.
  await pause((index * thinkTimeMs) / 4, stop)
  for (let conversation = 1; !stop.aborted; conversation++) {
    try {
      await converse(chatUser, `${user}-${process.pid}-${conversation}`, index + conversation)
    } catch (error) {
      if (!stop.aborted) onTrouble(error)
      await pause(thinkTimeMs, stop)
    }
  }
}

async function converse(chatUser: ChatUser, session: string, number: number): Promise<void> {
  const { watch, user, turnstile, thinkTimeMs = THINK_TIME_MS, stop } = chatUser
  const topic = TOPICS[number % TOPICS.length] as (typeof TOPICS)[number]
  const messages: Message[] = []
  const turns = 2 + Math.floor(Math.random() * (MAX_TURNS - 1))
  for (let turn = 0; turn < turns && !stop.aborted; turn++) {
    const content = turn === 0 ? topic.question : (FOLLOW_UPS[(number + turn) % FOLLOW_UPS.length] as string)
    messages.push({ role: 'user', content })
    const answer = await turnstile.pass(() =>
      stop.aborted ? Promise.resolve('') : watch.with({ user, session, tags: { feature: topic.feature } }, () => ask(chatUser, messages)),
    )
    messages.push({ role: 'assistant', content: answer })
    await pause(thinkTimeMs * (0.5 + Math.random()), stop)
  }
}

async function ask({ client, model, stop }: ChatUser, messages: Message[]): Promise<string> {
  const body = { model, messages, max_tokens: MAX_TOKENS }
  const options = { signal: stop }
  if (Math.random() >= STREAMED_SHARE) {
    const reply = await client.chat.completions.create(body, options)
    return reply.choices[0]?.message.content ?? ''
  }
  const leavesEarly = Math.random() < LEAVING_SHARE
  let answer = ''
  let chunks = 0
  for await (const chunk of await client.chat.completions.create({ ...body, stream: true }, options)) {
    answer += chunk.choices[0]?.delta.content ?? ''
    if (leavesEarly && ++chunks >= LEAVES_AFTER_CHUNKS) break
  }
  return answer
}

async function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal: stop }).catch(() => {})
}
