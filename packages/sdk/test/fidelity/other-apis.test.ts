import { describe, expect, it } from 'vitest'
import { CLIENTS, drain } from './compare-clients.ts'
import { asksForUsage, CHAT_MODEL, chatReply, embeddingReply, imageReply, ssePart, WORDS } from './openai-replies.ts'
import { json, type Reply, text, writeEvents } from './scripted-upstream.ts'
import { startPair } from './start-pair.ts'

const pair = startPair()

const ASK = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'Hello' }] }
const OK = { outcome: 'ok', attempts: 1, model: CHAT_MODEL }
const CHAT_TOKENS = { inputTokens: 19, outputTokens: 10, reasoningTokens: 3, cacheReadTokens: 4 }

describe.each(CLIENTS)('other APIs, openai $version', ({ make }) => {
  const compare = pair.of(make)

  it.each([{}, { encoding_format: 'float' as const }])('embeddings.create %j gives the same', async (options) => {
    const { calls } = await compare({
      script: [embeddingReply()],
      run: (client) => client.embeddings.create({ model: 'text-embedding-3-small', input: 'Hi', ...options }),
    })
    expect(calls).toEqual([
      expect.objectContaining({
        operation: 'embeddings',
        model: 'text-embedding-3-small',
        usage: expect.objectContaining({ inputTokens: 8, outputTokens: 0 }),
      }),
    ])
  })

  it('the old completions stream the same', async () => {
    const chunk = (part: string, usage?: unknown) => ({
      id: 'cmpl-1',
      object: 'text_completion',
      created: 1,
      model: 'm-1',
      choices: [{ text: part, index: 0, finish_reason: null }],
      usage,
    })
    const reply: Reply = (request, answer) => {
      const asked = asksForUsage(request.body)
      const last = { ...chunk('', { prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 }), choices: [] }
      return writeEvents(answer, [
        ...WORDS.map((word) => ssePart(chunk(word, asked ? null : undefined))),
        ...(asked ? [ssePart(last)] : []),
        ssePart('[DONE]'),
      ])
    }
    const { calls } = await compare({
      script: [reply],
      run: async (client) => drain(await client.completions.create({ model: 'm', prompt: 'Hi', stream: true })),
    })
    expect(calls).toEqual([
      expect.objectContaining({ operation: 'text_completion', usage: expect.objectContaining({ inputTokens: 5, outputTokens: 4 }) }),
    ])
  })

  it('a raw client.post is a call like any other', async () => {
    const { calls } = await compare({ script: [chatReply()], run: (client) => client.post('/chat/completions', { body: ASK }) })
    expect(calls).toEqual([expect.objectContaining({ ...OK, requestModel: 'gpt-4.1', usage: expect.objectContaining(CHAT_TOKENS) })])
  })

  it('images.edit sends its form in the same order', async () => {
    const { calls } = await compare({
      script: [imageReply()],
      run: (client) =>
        client.images.edit({
          model: 'gpt-image-1',
          prompt: 'A cat',
          image: [new File(['first'], 'a.png', { type: 'image/png' }), new File(['second'], 'b.png', { type: 'image/png' })],
          mask: new File(['mask'], 'm.png', { type: 'image/png' }),
          n: 1,
        }),
    })
    expect(calls).toEqual([
      expect.objectContaining({
        operation: 'image',
        model: 'gpt-image-1',
        usage: expect.objectContaining({ inputTokens: 50, inputImageTokens: 40, outputTokens: 50 }),
      }),
    ])
    expect(pair.upstream.requests).toHaveLength(1)
  })

  it('an upload is passed through and is no call', async () => {
    const { calls } = await compare({
      script: [json({ id: 'file-1', object: 'file', bytes: 3 })],
      run: (client) => client.files.create({ file: new File(['{}\n'], 'batch.jsonl'), purpose: 'batch' }),
    })
    expect(calls).toEqual([])
  })

  it('a transcription by the second has no tokens', async () => {
    const { calls } = await compare({
      script: [json({ text: 'Hello', usage: { type: 'duration', seconds: 3 } })],
      run: (client) => client.audio.transcriptions.create({ model: 'whisper-1', file: new File(['riff'], 'a.wav') }),
    })
    expect(calls).toEqual([
      expect.objectContaining({
        operation: 'audio',
        model: 'whisper-1',
        usage: expect.objectContaining({ inputTokens: 0, outputTokens: 0, source: 'reported' }),
      }),
    ])
  })

  it('speech gives the same bytes', async () => {
    const { calls } = await compare({
      script: [text('ID3\u0001bytes', 200, { 'content-type': 'audio/mpeg' })],
      run: async (client) => (await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Hi' })).text(),
    })
    expect(calls).toEqual([expect.objectContaining({ operation: 'audio', outcome: 'ok' })])
  })

  it('a list is passed through and is no call', async () => {
    const { calls } = await compare({
      script: [json({ object: 'list', data: [{ id: 'gpt-4.1', object: 'model' }] })],
      run: async (client) => drain(await client.models.list()),
    })
    expect(calls).toEqual([])
  })
})
