import { describe, expect, it } from 'vitest'
import { ALERT_RULES, findAlertRule, formatThreshold, resolveRule, toGrafanaRule, toPrometheusRule } from '../alerts/index.ts'
import { promqlSelectors } from './promql-selectors.ts'

const rule = (id: string) => {
  const found = findAlertRule(id)
  if (!found) throw new Error(`no rule ${id}`)
  return found
}

describe('the table of rules', () => {
  it('names each rule once, in a form that every system takes', () => {
    const ids = ALERT_RULES.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z][a-z-]{2,31}$/)
  })

  it('says only labels that the expression leaves', () => {
    for (const { id, summary, expression } of ALERT_RULES) {
      const kept = [...expression({ window: '60s', job: 'job="j"' }).matchAll(/by \(([^)]*)\)/g)].flatMap((match) =>
        (match[1] ?? '').split(', '),
      )
      for (const [, name = ''] of summary.matchAll(/\{(\w+)\}/g))
        if (name !== 'value' && name !== 'threshold') expect(kept, `${id}: ${name}`).toContain(name)
    }
  })
})

describe('settings of a rule', () => {
  it('change threshold, window, duration and jobs', () => {
    const jobs = { collector: 'watch', redisExporter: 'r "x"', nodeExporter: 'n' }
    expect(resolveRule(rule('response-time'), { threshold: 12.5, windowSeconds: 120 }).condition).toMatch(/\[120s\].* > 12\.5$/)
    expect(toPrometheusRule(rule('collector-down'), { forSeconds: 5, jobs })).toMatchObject({
      alert: 'AIWatchCollectorDown',
      for: '5s',
      expr: '(min by (job, instance) (up{job="watch"}) or label_replace(absent(up{job="watch"}) - 1, "instance", "(none)", "", "")) < 1',
    })
    expect(promqlSelectors(resolveRule(rule('redis-evictions'), { jobs }).expression)).toEqual([
      'redis_evicted_keys_total{job="r \\"x\\""}',
    ])
  })

  it('are told in the sentence', () => {
    expect(toPrometheusRule(rule('redis-memory'), { threshold: 0.755 }).annotations['summary']).toContain('more than 75.5 %')
    expect(formatThreshold('seconds', 30)).toBe('30 s')
  })

  it.each([
    [{ threshold: Number.NaN }, /threshold of response-time/],
    [{ forSeconds: -1 }, /forSeconds of response-time/],
    [{ windowSeconds: 0.5 }, /windowSeconds of response-time/],
    [{ windowSeconds: 0 }, /windowSeconds of response-time/],
  ])('that cannot be used are refused by name: %o', (settings, message) => {
    expect(() => resolveRule(rule('response-time'), settings)).toThrow(message)
  })
})

it('a rule of Grafana compares in a step of its own, so that its threshold can be edited without PromQL', () => {
  const { data, condition } = toGrafanaRule(rule('low-user-activity'), { datasourceUid: 'p', threshold: 3 })
  expect(condition).toBe('C')
  expect(data[0]?.datasourceUid).toBe('p')
  expect(data[0]?.model['expr']).not.toContain('< 3')
  expect(data[1]?.model).toMatchObject({ type: 'threshold', expression: 'A', conditions: [{ evaluator: { type: 'lt', params: [3] } }] })
})
