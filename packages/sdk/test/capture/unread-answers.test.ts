import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Capture } from '../../src/capture/create-capture.ts'
import { type CollectingSink, collectingSink, newCapture } from '../fidelity/compare-clients.ts'
import { chatReply, chatStream } from '../fidelity/openai-replies.ts'
import { type ScriptedUpstream, startUpstream } from '../fidelity/scripted-upstream.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

let upstream: ScriptedUpstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.close())

async function untilClosed(capture: Capture): Promise<void> {
  for (let round = 0; round < 100 && capture.openCalls() > 0; round++) {
    collectGarbage()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function setUp(): { sink: CollectingSink; capture: Capture; client: OpenAI } {
  const sink = collectingSink()
  const capture = newCapture(sink)
  return { sink, capture, client: capture.wrap(new OpenAI({ apiKey: 'k', baseURL: upstream.baseURL })) }
}

const ASK = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'Hello' }] }

async function takeReader(client: OpenAI) {
  const { body } = await client.chat.completions.create(ASK).asResponse()
  return (body as ReadableStream<Uint8Array>).getReader()
}

describe('an answer that nobody can read any more', () => {
  it('is counted when its response is collected', async () => {
    const { sink, capture, client } = setUp()
    upstream.script(chatReply())
    await client.chat.completions.create(ASK).asResponse()
    expect(capture.openCalls()).toBe(1)
    await untilClosed(capture)
    expect(sink.calls).toEqual([expect.objectContaining({ outcome: 'aborted', usage: expect.objectContaining({ source: 'partial' }) })])
  })

  it('is not given up while its reader is held, though the response is gone', async () => {
    const { sink, capture, client } = setUp()
    upstream.script(chatReply())
    const reader = await takeReader(client)
    for (let round = 0; round < 10; round++) {
      collectGarbage()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(capture.openCalls()).toBe(1)
    while (!(await reader.read()).done);
    expect(sink.calls).toEqual([expect.objectContaining({ outcome: 'ok', usage: expect.objectContaining({ source: 'reported' }) })])
  })

  it('is counted when its stream is settled, and the stream can still be read', async () => {
    const { sink, capture, client } = setUp()
    upstream.script(chatStream())
    const stream = await client.chat.completions.create({ ...ASK, stream: true })
    capture.settleOpenCalls()
    const chunks: unknown[] = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(chunks).toHaveLength(7)
    expect(chunks.some((chunk) => 'usage' in (chunk as object))).toBe(false)
    expect(sink.calls).toEqual([expect.objectContaining({ outcome: 'aborted', stream: true })])
  })
})
