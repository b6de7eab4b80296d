import { execFileSync } from 'node:child_process'
import type { Collector } from '@aiwatch/collector'
import { findMonitoringProgram, waitUntil, whyNoMonitoring } from '@aiwatch/test-servers/monitoring'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CallWriter, type TestCall, testCall } from '../../packages/collector/test/write-calls.ts'
import { ALERT_RULES, resolveRule } from '../alerts/index.ts'
import { type LiveStage, openLiveStage } from './live-stage.ts'
import { promqlSelectors } from './promql-selectors.ts'

const missing = whyNoMonitoring()

describe.skipIf(missing)(`a real Prometheus and Alertmanager${missing ? ` (not here: ${missing})` : ''}`, () => {
  let stage: LiveStage
  let collector: Collector | undefined

  beforeAll(async () => {
    stage = await openLiveStage()
    await record([testCall({ endedMs: Date.now(), user: 'ada', firstTokenMs: 300 })])
    collector = await stage.startCollector()
  }, 120_000)
  afterAll(async () => {
    await collector?.close()
    await stage?.stop()
  })

  async function record(calls: TestCall[]): Promise<void> {
    const redis = new Redis(stage.redis.url)
    await new CallWriter(redis).write(calls)
    redis.disconnect()
  }

  const firing = async () => (await stage.prometheus.alerts()).filter(({ state }) => state === 'firing')
  const isFiring = async (id: string) => (await firing()).some(({ labels }) => labels['aiwatch_rule'] === id)
  const askAlertmanager = () =>
    JSON.parse(
      execFileSync(
        findMonitoringProgram('amtool'),
        [`--alertmanager.url=${stage.alertmanager?.url}`, '--output=json', 'alert', 'query', 'aiwatch_rule=collector-down'],
        { encoding: 'utf8' },
      ),
    ) as { labels: Record<string, string>; annotations: Record<string, string> }[]

  it('find every series that the rules name, on the exporter that the rule says it needs', async () => {
    await waitUntil(
      () => stage.prometheus.query('sum(up) == 3'),
      (samples) => samples.length > 0,
    )
    const unknown: string[] = []
    for (const rule of ALERT_RULES) {
      for (const selector of promqlSelectors(resolveRule(rule).expression)) {
        const samples = await waitUntil(
          () => stage.prometheus.query(selector),
          (found) => found.length > 0,
          3000,
        )
        if (samples.length === 0) unknown.push(`${rule.id}: ${selector}`)
        for (const { metric } of samples)
          expect(metric['job'], `${rule.id}: ${selector}`).toBe(
            { collector: 'aiwatch', redis_exporter: 'aiwatch-redis', node_exporter: 'aiwatch-node' }[rule.needs],
          )
      }
    }
    expect(unknown).toEqual([])
  })

  it('fire when the collector is stopped, tell Alertmanager, and resolve when it is back', async () => {
    const isDown = () => isFiring('collector-down')
    expect(await waitUntil(isDown, (down) => !down)).toBe(false)
    await collector?.close()
    collector = undefined
    expect(await waitUntil(isDown, (down) => down)).toBe(true)
    const [alert] = await waitUntil(
      async () => askAlertmanager(),
      (alerts) => alerts.length > 0,
    )
    expect(alert?.labels).toMatchObject({ alertname: 'AIWatchCollectorDown', severity: 'critical', job: 'aiwatch' })
    expect(alert?.annotations['summary']).toMatch(/^The job aiwatch of Prometheus gets no answer from its target 127\.0\.0\.1:\d+\.$/)

    collector = await stage.startCollector()
    expect(await waitUntil(isDown, (down) => !down)).toBe(false)
    expect(
      await waitUntil(
        async () => askAlertmanager(),
        (alerts) => alerts.length === 0,
      ),
    ).toEqual([])
  }, 180_000)

  it('fire when calls fail, and say how many', async () => {
    expect(await isFiring('error-rate')).toBe(false)
    const call = (outcome: TestCall['outcome']) => testCall({ endedMs: Date.now(), outcome })
    await record([...Array.from({ length: 29 }, () => call('ok')), ...Array.from({ length: 10 }, () => call('overloaded'))])
    expect(
      await waitUntil(
        () => isFiring('error-rate'),
        (is) => is,
      ),
    ).toBe(true)
    // With the one that was there before.
    expect((await firing()).find(({ labels }) => labels['aiwatch_rule'] === 'error-rate')?.annotations['summary']).toMatch(
      /^25% of the calls/,
    )
  }, 120_000)

  it('fire when Redis is away, once for it and for nothing that only cannot be seen, and resolve when it is back', async () => {
    await stage.redis.kill()
    expect(
      await waitUntil(
        () => isFiring('redis-down'),
        (is) => is,
      ),
    ).toBe(true)
    // What cannot be seen any more must not look like trouble of its own.
    await waitUntil(
      () => isFiring('error-rate'),
      (is) => !is,
    )
    expect((await firing()).map(({ labels }) => labels['aiwatch_rule']).filter((id) => !id?.startsWith('machine-'))).toEqual(['redis-down'])
    await stage.redis.restart()
    expect(
      await waitUntil(
        () => isFiring('redis-down'),
        (is) => !is,
      ),
    ).toBe(false)
  }, 180_000)
})
