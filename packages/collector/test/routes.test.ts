import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getJson, openStage, type Stage } from './run-collector.ts'

describe('other routes of 8081', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage.stop())

  it('lists the routes at /', async () => {
    const { body } = await getJson<{ name: string; routes: Record<string, string> }>(stage.collector.analyticsUrl)
    expect(Object.keys(body.routes)).toEqual(
      expect.arrayContaining([
        'GET /',
        'GET /analytics',
        'GET /v1/integrity',
        'POST /v1/query',
        'GET /health',
        'GET /metrics',
        'GET /docs',
      ]),
    )
  })

  it('answers an unknown route with 404 and a wrong method with 405, as JSON', async () => {
    expect(await getJson(`${stage.collector.analyticsUrl}/nothing`)).toMatchObject({
      status: 404,
      body: { error: expect.stringContaining('/nothing') },
    })
    const response = await fetch(`${stage.collector.analyticsUrl}/analytics`, { method: 'DELETE' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET')
    expect(await response.json()).toMatchObject({ error: expect.stringContaining('takes GET') })
  })

  it('says in /health on both ports what it runs on', async () => {
    for (const url of [stage.collector.analyticsUrl, stage.collector.timeseriesUrl]) {
      expect(await getJson(`${url}/health`)).toMatchObject({
        status: 200,
        body: {
          status: 'ok',
          version: expect.stringMatching(/^\d+\.\d+\.\d+/),
          uptime_seconds: expect.any(Number),
          checks: {
            redis: { status: 'up', latency_ms: expect.any(Number), mode: 'standalone', timeseries: 'plain' },
            sampler: { status: 'off' },
          },
        },
      })
    }
  })
})
