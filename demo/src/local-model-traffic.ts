/**
 * A few simulated users chat with a real model on this machine, through a real client that the SDK has wrapped.
 * Variables: AIWATCH_MODEL_URL (http://127.0.0.1:8091), LOCAL_CHAT_USERS (4), LOCAL_CHAT_THINK_MS (8000), and those of the SDK.
 */
import { AIWatch } from '@aiwatch/sdk'
import { runChatUsers } from './local-chat/chat-users.ts'
import { readModelName } from './local-chat/read-model-name.ts'
import { readHttpUrl, readNumber } from './read-environment.ts'
import { TroubleLog } from './traffic/trouble-log.ts'

const NAMES = ['ada', 'grace', 'alan', 'edsger', 'barbara', 'donald', 'frances', 'ken', 'radia', 'tim']
const CLOSE_TIMEOUT_MS = 3000

async function main(): Promise<void> {
  const modelUrl = readHttpUrl(process.env, 'AIWATCH_MODEL_URL', 'http://127.0.0.1:8091')
  const users = Math.floor(readNumber(process.env, 'LOCAL_CHAT_USERS', 4, { least: 1, most: NAMES.length }))
  const thinkTimeMs = readNumber(process.env, 'LOCAL_CHAT_THINK_MS', 8000, { least: 0, most: 3_600_000 })
  const trouble = new TroubleLog()
  const watch = new AIWatch({ onError: (error) => trouble.note(error.message) })
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())

  const model = await readModelName(modelUrl)
  console.log(`${users} users chat with ${model} at ${modelUrl}/v1`)
  await runChatUsers({
    watch,
    baseURL: `${modelUrl}/v1`,
    model,
    users: NAMES.slice(0, users),
    thinkTimeMs,
    stop: stop.signal,
    onTrouble: (error) => trouble.note(`a call failed: ${error instanceof Error ? error.message : String(error)}`),
  })
  const held = await watch.close({ timeoutMs: CLOSE_TIMEOUT_MS })
  console.log(`the users have gone: ${watch.stats().recorded} calls recorded, ${held.heldCalls} not acknowledged by Redis`)
  process.exit(0)
}

main().catch((error: unknown) => {
  console.error(`local model traffic: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
})
