import { describe, expect, it } from 'vitest'
import { CLIENTS } from './compare-clients.ts'
import { CHAT_MODEL, chatReply, chatStream } from './openai-replies.ts'
import { startPair } from './start-pair.ts'

const pair = startPair()

const ASK = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'Say "hello", {friend}: \\ "usage":{' }] }
const ASK_STREAM = { ...ASK, stream: true as const }
const REPORTED = { inputTokens: 19, cacheReadTokens: 4, cacheWriteTokens: 0, outputTokens: 10, reasoningTokens: 3, source: 'reported' }
const REQUESTED = { ...REPORTED, source: 'requested' }
const ONE_OK = {
  provider: 'openai_compatible',
  model: CHAT_MODEL,
  requestModel: 'gpt-4.1',
  operation: 'chat',
  outcome: 'ok',
  attempts: 1,
  httpStatus: 200,
}

describe.each(CLIENTS)('answers read in many ways, openai $version', ({ make }) => {
  const compare = pair.of(make)

  const DOORS: Record<string, (response: Response) => Promise<unknown>> = {
    json: (response) => response.json(),
    text: (response) => response.text(),
    arrayBuffer: async (response) => Buffer.from(await response.arrayBuffer()).toString(),
    blob: async (response) => {
      const blob = await response.blob()
      return [blob.type, await blob.text()]
    },
    clone: async (response) => [await response.clone().json(), await response.text()],
    getReader: async (response) => {
      const reader = (response.body as ReadableStream<Uint8Array>).getReader()
      let text = ''
      for (let next = await reader.read(); !next.done; next = await reader.read()) text += Buffer.from(next.value).toString()
      return text
    },
    iterator: async (response) => {
      let text = ''
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) text += Buffer.from(chunk).toString()
      return text
    },
    pipeTo: async (response) => {
      let text = ''
      const sink = new WritableStream<Uint8Array>({
        write(chunk) {
          text += Buffer.from(chunk).toString()
        },
      })
      await response.body?.pipeTo(sink)
      return text
    },
    pipeThrough: async (response) => new Response(response.body?.pipeThrough(new TransformStream())).text(),
    tee: async (response) => {
      const [left, right] = (response.body as ReadableStream<Uint8Array>).tee()
      return [await new Response(left).text(), await new Response(right).text()]
    },
    'new Response(body)': (response) => new Response(response.body).text(),
  }

  it.each(Object.keys(DOORS))('asResponse read by %s is one call with its usage', async (door) => {
    const { calls } = await compare({
      script: [chatReply()],
      run: async (client) => DOORS[door]?.(await client.chat.completions.create(ASK).asResponse()),
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage: REPORTED })])
  })

  it.each(Object.keys(DOORS).filter((door) => door !== 'json' && door !== 'clone'))(
    'a streamed asResponse read by %s hides what we asked for',
    async (door) => {
      const { calls } = await compare({
        script: [chatStream()],
        run: async (client) => {
          const body = await DOORS[door]?.((await client.chat.completions.create(ASK_STREAM).asResponse()) as Response)
          // Blanked fields leave spaces, which JSON ignores.
          return JSON.parse(JSON.stringify(body).replace(/ +(?=[,}])/g, ''))
        },
      })
      expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, stream: true, usage: REQUESTED })])
    },
  )
})
