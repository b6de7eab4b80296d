import { ALERT_RULES, DEFAULT_JOBS, findAlertRule } from '@aiwatch/provisioning/alerts'
import { describe, expect, test } from 'vitest'
import type { StoredRule } from '../../src/alerting/grafana-shapes.ts'
import { changeInstalledRule, makeInstalledRule, readSettings, valueQuery } from '../../src/alerting/installed-rule.ts'
import { makeTestRule, readTestEnd, testRuleUid } from '../../src/alerting/test-rule.ts'

const rule = findAlertRule('error-rate') ?? ALERT_RULES[0]
if (!rule) throw new Error('the table has no rule')
const target = { orgId: 1, folderUid: 'f1', datasourceUid: 'prom', jobs: DEFAULT_JOBS }
// Grafana answers with fields of its own beside what was sent.
const stored = { ...makeInstalledRule(rule, target), id: 7, for: '2m', keep_firing_for: '0s' } as StoredRule

describe('a rule in Grafana', () => {
  test('has the group and uid that its file has', () => {
    expect(stored).toMatchObject({ uid: 'aiwatch-error-rate', ruleGroup: 'aiwatch-usage', folderUID: 'f1', orgID: 1 })
    expect(readSettings(stored)).toEqual({ threshold: 0.05, forSeconds: 120, contactPoint: undefined })
  })

  test('a new threshold goes into its condition and its summary, and nothing else changes', () => {
    const changed = changeInstalledRule(rule, stored, { threshold: 0.2 })
    expect(readSettings(changed).threshold).toBe(0.2)
    expect(changed.annotations?.['summary']).toContain('more than 20 %')
    expect({ ...changed, data: stored.data, annotations: stored.annotations }).toEqual(stored)
    // What the page holds is not touched.
    expect(readSettings(stored).threshold).toBe(0.05)
  })

  test('a summary that somebody wrote stays', () => {
    const own = { ...stored, annotations: { summary: 'call Ada' } }
    expect(changeInstalledRule(rule, own, { threshold: 0.2 }).annotations).toEqual({ summary: 'call Ada' })
  })

  test('a duration is written as Prometheus does', () => {
    expect(changeInstalledRule(rule, stored, { forSeconds: 5400 }).for).toBe('1h30m')
    expect(changeInstalledRule(rule, stored, { forSeconds: 0 }).for).toBe('0s')
  })

  test('a contact point is set and taken off; its grouping stays when it is changed', () => {
    const grouped = { ...stored, notification_settings: { receiver: 'mail', group_by: ['...'] } }
    expect(changeInstalledRule(rule, grouped, { contactPoint: 'chat' }).notification_settings).toEqual({
      receiver: 'chat',
      group_by: ['...'],
    })
    expect(changeInstalledRule(rule, grouped, { contactPoint: undefined }).notification_settings).toBeNull()
    expect(changeInstalledRule(rule, grouped, { forSeconds: 60 }).notification_settings).toEqual(grouped.notification_settings)
  })

  test('whose condition was rewritten has no threshold here, and says so when one is set', () => {
    const rewritten = { ...stored, condition: 'A' }
    expect(readSettings(rewritten).threshold).toBeUndefined()
    expect(() => changeInstalledRule(rule, rewritten, { threshold: 1 })).toThrow(/edit it in Grafana/)
  })
})

describe('a test fire', () => {
  test.each(ALERT_RULES.map((one) => [one.id, one] as const))(
    '%s: asks what the rule asks, fires at once, and ends by itself',
    (id, one) => {
      const installed = { ...makeInstalledRule(one, target), notification_settings: { receiver: 'chat' } }
      const copy = makeTestRule(one, installed, 1_800_000_000_000)
      expect(copy.uid).toBe(testRuleUid(id))
      // Grafana takes no longer one.
      expect(copy.uid.length).toBeLessThanOrEqual(40)
      expect(copy.labels).toEqual({ ...installed.labels, aiwatch_test: 'true' })
      expect(copy.notification_settings).toEqual({ receiver: 'chat' })
      expect(copy.for).toBe('0s')
      expect(valueQuery(copy)?.expression).toContain(`(${valueQuery(installed)?.expression})`)
      expect(readTestEnd(copy)).toBe(1_800_000_300_000)
      expect(readTestEnd(installed)).toBeUndefined()
    },
  )

  test('of a rule that asks no Prometheus is refused', () => {
    expect(() => makeTestRule(rule, { ...stored, data: [] }, 0)).toThrow(/test it in Grafana/)
  })
})
