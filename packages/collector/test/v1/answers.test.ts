import { describe, expect, it } from 'vitest'
import type { AnswersReply } from '../../src/contract/index.ts'
import { openStage, postJson, type Stage } from '../run-collector.ts'
import { CallWriter, testCall } from '../write-calls.ts'

async function withStage(use: (stage: Stage, ask: (...questions: unknown[]) => Promise<AnswersReply['answers']>) => Promise<void>) {
  const stage = await openStage({ answerCacheMs: 60_000 })
  try {
    await new CallWriter(stage.redis).write([testCall({ endedMs: Date.now() - 60_000, model: 'm/1', user: 'ada' })])
    await use(stage, async (...questions) => {
      const { status, body } = await postJson<AnswersReply>(`${stage.collector.analyticsUrl}/v1/answers`, { questions })
      expect(status).toBe(200)
      return body.answers
    })
  } finally {
    await stage.stop()
  }
}

describe('POST /v1/answers', () => {
  it('answers each question as its own route does', () =>
    withStage(async ({ collector }, ask) => {
      const paths = [
        '/v1/overview?from=now-1h',
        '/v1/models/m%2F1?from=now-1h',
        '/v1/users?window=24h',
        '/v1/calls?model=a&model=m%2F1',
        '/v1/catalog',
      ]
      const series = { metric: 'calls', start_time: 'now-1h', end_time: 'now', aggregation: 'sum' }
      const together = await ask(...paths.map((path) => ({ path })), { path: '/v1/query', body: series })
      expect(together.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
      for (const [i, path] of paths.entries()) {
        expect(together[i]?.body).toEqual(await (await fetch(`${collector.analyticsUrl}${path}`)).json())
      }
      expect(together[5]?.body).toEqual((await postJson(`${collector.analyticsUrl}/v1/query`, series)).body)
      expect(together[3]?.body).toMatchObject({ calls: [{ model: 'm/1', user_id: 'ada' }] })
    }))

  it('and POST /v1/query tell bodies apart that came a moment ago', () =>
    withStage(async ({ collector }) => {
      const ask = async (aggregation: string) => {
        const query = { metric: 'calls', start_time: 'now-1h', end_time: 'now', aggregation, bucket_duration: '10m' }
        return (await postJson<{ series: { points: unknown }[] }>(`${collector.analyticsUrl}/v1/query`, query)).body
      }
      const [sum, rate] = [await ask('sum'), await ask('rate')]
      expect(sum).not.toEqual(rate)
      expect([await ask('sum'), await ask('rate')]).toEqual([sum, rate])
    }))

  it('says what is wrong with one beside the answers of the others', () =>
    withStage(async (_, ask) => {
      const answers = await ask(
        { path: '/v1/overview?from=yesterday' },
        { path: '/v1/users?window=24h' },
        { path: '/v1/models/none' },
        { path: '/v1/stream' },
        { path: '/v1/answers', body: { questions: [{ path: '/v1/system' }] } },
        { path: '/v1/models/%' },
        { path: '/v1/system?colour=red' },
        { path: '/v1/query' },
      )
      expect(answers.map(({ status }) => status)).toEqual([400, 200, 404, 404, 404, 404, 400, 404])
      const problems = answers.map(({ body }) => body as { field?: string; status?: number; type?: string })
      expect(problems.map(({ field }) => field)).toEqual(['from', undefined, 'id', undefined, undefined, undefined, 'colour', undefined])
      expect(problems[0]).toMatchObject({ status: 400, type: '/docs#problem-invalid-request' })
    }))

  it.each([
    [{}, 'questions'],
    [{ questions: [] }, 'questions'],
    [{ questions: Array.from({ length: 33 }, () => ({ path: '/v1/system' })) }, 'questions'],
    [{ questions: [{ path: '/v1/system', method: 'GET' }] }, 'method'],
    [{ questions: [{ path: 5 }] }, 'questions.0.path'],
  ])('refuses %j', (body, field) =>
    withStage(async ({ collector }) => {
      const reply = await postJson<{ field: string }>(`${collector.analyticsUrl}/v1/answers`, body)
      expect([reply.status, reply.body.field]).toEqual([400, field])
    }),
  )
})
