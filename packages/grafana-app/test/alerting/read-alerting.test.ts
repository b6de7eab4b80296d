import { ALERT_RULES, DEFAULT_JOBS } from '@aiwatch/provisioning/alerts'
import { beforeEach, expect, test } from 'vitest'
import { AlertingApi, type ApiRequest } from '../../src/alerting/alerting-api.ts'
import { makeInstalledRule } from '../../src/alerting/installed-rule.ts'
import { readAlerting } from '../../src/alerting/read-alerting.ts'

const [rule] = ALERT_RULES
if (!rule) throw new Error('the table has no rule')
const stored = makeInstalledRule(rule, { orgId: 1, folderUid: 'f', datasourceUid: 'own', jobs: DEFAULT_JOBS })
const options = {
  prometheus: [{ uid: 'prom', name: 'Prometheus' }],
  historyStore: 'annotations' as const,
  seesContactPoints: true,
  looksAgain: false,
}

let sent: string[]
let state: string
/** Path → status that it answers instead. */
let refused: Record<string, number>

const frame = (labels: object, value: number) => ({
  schema: {
    fields: [
      { name: 'Time', type: 'time' },
      { name: 'Value', type: 'number', labels },
    ],
  },
  data: { values: [[1], [value]] },
})

function queryAnswer(data: unknown): unknown {
  const { queries } = data as { queries: { refId: string; datasource: { uid: string }; expr: string }[] }
  sent.push(...queries.map(({ refId, datasource }) => `${datasource.uid}: ${refId}`))
  const results = queries.map(({ refId, expr }) => [
    refId,
    { frames: [expr.startsWith('count by (job)') ? frame({ job: 'own-job' }, 1) : frame({}, 0.5)] },
  ])
  return { results: Object.fromEntries(results) }
}

const ANSWERS: Record<string, () => unknown> = {
  '/api/v1/provisioning/alert-rules': () => [stored, { ...stored, uid: 'of-another', labels: {} }],
  '/api/prometheus/grafana/api/v1/rules': () => ({
    data: {
      groups: [{ rules: [{ uid: stored.uid, state, health: 'ok', lastEvaluation: '2026-01-01T00:00:00Z', isPaused: false, alerts: [] }] }],
    },
  }),
  '/api/annotations': () => [{ time: 5, prevState: 'Normal', newState: 'Alerting', text: 'x' }],
  '/api/alertmanager/grafana/api/v2/silences': () => [],
  '/api/v1/provisioning/contact-points': () => [{ name: 'b' }, { name: 'a' }, { name: 'b' }],
  '/api/alertmanager/grafana/config/api/v1/receivers': () => [],
}

const api = new AlertingApi(async ({ url, data }: ApiRequest) => {
  const path = url.split('?')[0] ?? ''
  if (path === '/api/ds/query') return queryAnswer(data)
  sent.push(url)
  if (refused[path]) throw { status: refused[path], data: { message: 'not allowed' } }
  return ANSWERS[path]?.()
})

beforeEach(() => {
  sent = []
  state = 'inactive'
  refused = {}
})

test('an installed rule is asked as it is installed, the others as they would be', async () => {
  const reading = await readAlerting(api, options)
  expect(reading.rules).toEqual([stored])
  expect(reading.contactPoints).toEqual(['a', 'b'])
  expect(reading.failures).toEqual([])
  expect(sent).toContain(`own: ${rule.id}`)
  expect(sent.filter((one) => one.startsWith('prom: ') && !one.includes('/'))).toHaveLength(ALERT_RULES.length - 1)
  expect(reading.history.get(stored.uid)).toEqual([{ time: 5, from: 'Normal', to: 'Alerting', series: '' }])
})

test('history is read again when a state has changed, and what is scraped when it is asked for', async () => {
  const first = await readAlerting(api, options)
  sent = []
  const second = await readAlerting(api, options, first)
  expect(sent.filter((one) => /annotations|prom\//.test(one))).toEqual([])
  expect(second.history).toEqual(first.history)
  state = 'firing'
  await readAlerting(api, { ...options, looksAgain: true }, second)
  expect(sent.filter((one) => one.includes('annotations'))).toHaveLength(1)
  expect(sent.filter((one) => one.includes('prom/'))).toHaveLength(3)
})

test('what cannot be read is said once, and the rest is there', async () => {
  refused = { '/api/alertmanager/grafana/api/v2/silences': 403, '/api/v1/provisioning/contact-points': 403 }
  const reading = await readAlerting(api, options)
  expect(reading.failures).toEqual(['Grafana does not let you do this (403): not allowed. Ask an administrator for the permission.'])
  expect(reading.contactPoints).toBeUndefined()
  expect(reading.rules).toHaveLength(1)
  refused = { '/api/v1/provisioning/alert-rules': 403 }
  await expect(readAlerting(api, options)).rejects.toMatchObject({ status: 403 })
})
