import { ALERT_RULES, DEFAULT_JOBS } from '@aiwatch/provisioning/alerts'
import { describe, expect, test } from 'vitest'
import type { RuleStatus, Silence } from '../../src/alerting/grafana-shapes.ts'
import { makeInstalledRule } from '../../src/alerting/installed-rule.ts'
import { chooseSource, jobNamesOf, type PrometheusSource } from '../../src/alerting/prometheus-source.ts'
import { lastFired, readAnnotations, readHistoryFrame } from '../../src/alerting/rule-history.ts'
import { makeRows } from '../../src/alerting/rule-row.ts'
import { findSince, findState } from '../../src/alerting/rule-state.ts'
import { formatValue, worstValue } from '../../src/alerting/rule-values.ts'
import { makeSilence, silencesOf } from '../../src/alerting/silences.ts'

const status = (parts: Partial<RuleStatus>): RuleStatus => ({
  uid: 'aiwatch-error-rate',
  state: 'inactive',
  health: 'ok',
  lastEvaluation: '2026-01-01T00:00:00Z',
  isPaused: false,
  ...parts,
})
const alert = (state: string, activeAt: string) => ({ labels: {}, state, activeAt })

describe('the state of a rule', () => {
  test.each([
    ['waiting', undefined],
    ['waiting', status({ lastEvaluation: '0001-01-01T00:00:00Z' })],
    ['paused', status({ isPaused: true, state: 'firing' })],
    ['firing', status({ state: 'firing', health: 'error' })],
    ['pending', status({ state: 'pending' })],
    ['error', status({ health: 'error', lastError: 'connection refused' })],
    ['no_data', status({ health: 'nodata' })],
    ['no_data', status({ alerts: [alert('Normal (NoData)', '2026-01-01T00:00:00Z')] })],
    ['normal', status({ alerts: [alert('Normal', '2026-01-01T00:00:00Z'), alert('Normal (MissingSeries)', '2026-01-01T00:00:00Z')] })],
  ] as const)('is %s', (expected, given) => expect(findState(given)).toBe(expected))

  test('is counted from the first series that fires; a well one from its last change', () => {
    const alerts = [
      alert('Alerting', '2026-01-01T00:05:00Z'),
      alert('Alerting', '2026-01-01T00:03:00Z'),
      alert('Normal', '2026-01-01T00:01:00Z'),
    ]
    expect(findSince(status({ state: 'firing', alerts }))).toBe(Date.parse('2026-01-01T00:03:00Z'))
    expect(findSince(status({ alerts: alerts.map((one) => ({ ...one, state: 'Normal' })) }))).toBe(Date.parse('2026-01-01T00:05:00Z'))
  })
})

describe('the history of a rule', () => {
  test('is read from annotations, newest first', () => {
    const transitions = readAnnotations([
      { time: 1000, prevState: 'Normal', newState: 'Alerting', text: 'Calls fail {model=a, tenant=t} - A=0.4' },
      { time: 3000, prevState: 'Alerting', newState: 'Normal', text: 'no series' },
      { text: 'a note of somebody' },
    ])
    expect(transitions).toEqual([
      { time: 3000, from: 'Alerting', to: 'Normal', series: '' },
      { time: 1000, from: 'Normal', to: 'Alerting', series: 'model=a, tenant=t' },
    ])
    expect(lastFired(transitions)).toBe(1000)
  })

  test('is read from the frame that Loki gives', () => {
    const frame = {
      schema: { fields: [{ name: 'time' }, { name: 'line' }, { name: 'labels' }] },
      data: { values: [[5000], [{ previous: 'Pending', current: 'Alerting', labels: { model: 'a' } }], [{}]] },
    }
    expect(readHistoryFrame(frame)).toEqual([{ time: 5000, from: 'Pending', to: 'Alerting', series: 'model=a' }])
    expect(readHistoryFrame(null)).toEqual([])
    expect(readAnnotations({ message: 'no' })).toEqual([])
  })
})

describe('silences', () => {
  const silence = (matchers: Silence['matchers'], state: Silence['status']['state'] = 'active'): Silence => ({
    id: 's',
    matchers,
    startsAt: '',
    endsAt: '',
    createdBy: '',
    comment: '',
    status: { state },
  })
  const find = (one: Silence) => silencesOf([one], 'aiwatch-error-rate', { severity: 'critical' }).length

  test('of the rule, of its labels, and not those of others or of the past', () => {
    const own = makeSilence('aiwatch-error-rate', { seconds: 3600, comment: 'deploy', by: 'ada', now: 0 })
    expect(own).toMatchObject({ startsAt: '1970-01-01T00:00:00.000Z', endsAt: '1970-01-01T01:00:00.000Z', createdBy: 'ada' })
    expect(find(silence(own.matchers))).toBe(1)
    expect(find(silence(own.matchers, 'expired'))).toBe(0)
    expect(find(silence([{ name: 'severity', value: 'crit.*', isRegex: true }]))).toBe(1)
    expect(find(silence([{ name: 'severity', value: 'critical', isRegex: false, isEqual: false }]))).toBe(0)
    // Silences one series only.
    expect(find(silence([...own.matchers, { name: 'model', value: 'a', isRegex: false }]))).toBe(0)
    expect(find(silence([{ name: 'severity', value: '(?i)critical', isRegex: true }]))).toBe(0)
  })
})

describe('Prometheus', () => {
  const source = (uid: string, jobs: Partial<PrometheusSource['jobs']>): PrometheusSource => ({
    uid,
    name: uid,
    jobs: { collector: [], redis_exporter: [], node_exporter: [], ...jobs },
  })

  test('is the one that scrapes the collector, best with everything', () => {
    const whole = source('whole', { collector: ['aiwatch'], node_exporter: ['node'] })
    expect(chooseSource([source('other', { node_exporter: ['n'] }), source('part', { collector: ['aiwatch'] }), whole])).toBe(whole)
    expect(chooseSource([source('other', { node_exporter: ['n'] })])).toBeUndefined()
  })

  test("its jobs keep AIWatch's names where they are there, and are taken as they are called elsewhere", () => {
    const jobs = { collector: ['aiwatch', 'zz'], redis_exporter: [], node_exporter: ['node'] }
    expect(jobNamesOf(source('p', jobs))).toEqual({ ...DEFAULT_JOBS, nodeExporter: 'node' })
  })
})

describe('the rows', () => {
  const rule = (id: string) => {
    const found = ALERT_RULES.find((one) => one.id === id)
    if (!found) throw new Error(`no rule ${id}`)
    return found
  }
  const target = { orgId: 1, folderUid: 'f', datasourceUid: 'p', jobs: DEFAULT_JOBS }
  const reading = {
    rules: [{ ...makeInstalledRule(rule('error-rate'), target), provenance: 'file' }],
    statuses: [status({ state: 'firing' })],
    silences: [],
    values: new Map([
      [
        'error-rate',
        {
          samples: [
            { labels: {}, value: 0.123456 },
            { labels: {}, value: 0.01 },
          ],
        },
      ],
    ]),
    history: new Map(),
    sources: [],
    source: { uid: 'p', name: 'p', jobs: { collector: ['aiwatch'], redis_exporter: [], node_exporter: ['aiwatch-node'] } },
  }

  test('every rule of the table, with its state, its worst value and what is missing', () => {
    const rows = makeRows(reading)
    expect(rows.map((row) => row.rule.id)).toEqual(ALERT_RULES.map(({ id }) => id))
    const [first] = rows
    expect(first).toMatchObject({ state: 'firing', provenance: 'file', value: 0.123456, threshold: 0.05, forSeconds: 120 })
    expect(first && formatValue(first.rule, first.value ?? 0)).toBe('12.3 %')
    expect(rows.filter(({ missing }) => missing).map((row) => row.rule.id)).toEqual(['redis-evictions', 'redis-persistence'])
    expect(rows.filter(({ state }) => state === 'not_installed')).toHaveLength(ALERT_RULES.length - 1)
  })

  test('of a rule that fires below, the smallest value', () => {
    const samples = [
      { labels: {}, value: 1 },
      { labels: {}, value: 0 },
    ]
    expect(worstValue(rule('redis-down'), { samples })).toBe(0)
    expect(worstValue(rule('error-rate'), { samples })).toBe(1)
    expect(worstValue(rule('error-rate'), { samples: [] })).toBeUndefined()
  })
})
