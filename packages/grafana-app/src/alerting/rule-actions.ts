/** What the page does to rules, each step with the rights of who clicks. All reject with what Grafana answered. */
import type { AlertRule } from '@aiwatch/provisioning/alerts'
import { t } from '../t.ts'
import type { AlertingApi } from './alerting-api.ts'
import { changeInstalledRule, type InstalledSettings, makeInstalledRule } from './installed-rule.ts'
import { jobNamesOf, type PrometheusSource } from './prometheus-source.ts'
import type { RuleRow } from './rule-row.ts'
import { sourceOf, updateInstalledRule } from './rule-update.ts'
import { makeSilence } from './silences.ts'
import { makeTestRule, testRuleUid } from './test-rule.ts'

export interface ActingUser {
  orgId: number
  login: string
}

export interface SilenceWish {
  seconds: number
  comment: string
}

/** Of `unified_alerting.min_interval`; Grafana takes no shorter one. */
const MIN_INTERVAL_SECONDS = 10

export class RuleActions {
  readonly #api: AlertingApi
  readonly #user: ActingUser
  readonly #minIntervalSeconds: number

  constructor(api: AlertingApi, user: ActingUser, minIntervalSeconds = MIN_INTERVAL_SECONDS) {
    this.#api = api
    this.#user = user
    this.#minIntervalSeconds = minIntervalSeconds
  }

  async install(rules: readonly AlertRule[], source: PrometheusSource): Promise<void> {
    const folderUid = await this.#api.provideFolder()
    const target = { orgId: this.#user.orgId, folderUid, datasourceUid: source.uid, jobs: jobNamesOf(source) }
    // One after the other: rules of a group are written under one lock.
    for (const rule of rules) await this.#api.createRule(makeInstalledRule(rule, target))
  }

  /** What Grafana holds now is changed, not what the page read some time ago. */
  async change({ rule, uid }: RuleRow, changes: Partial<InstalledSettings>): Promise<void> {
    await this.#api.updateRule(changeInstalledRule(rule, await this.#api.getRule(uid), changes))
  }

  /** To what the table says. Rejects where no Prometheus is known that the rule could ask. */
  async update({ rule, uid }: RuleRow, sources: Parameters<typeof sourceOf>[1]): Promise<void> {
    const stored = await this.#api.getRule(uid)
    const source = sourceOf(stored, sources)
    if (!source)
      throw new Error(
        t('rule.lost-prometheus', 'The Prometheus that "{{rule}}" asks is not there any more: edit it in Grafana.', { rule: stored.title }),
      )
    await this.#api.updateRule(updateInstalledRule(rule, stored, source))
  }

  async setPaused({ uid }: RuleRow, isPaused: boolean): Promise<void> {
    await this.#api.pauseRule(await this.#api.getRule(uid), isPaused)
  }

  async uninstall({ uid, test }: RuleRow): Promise<void> {
    if (test) await this.#api.deleteRule(test.stored.uid)
    await this.#api.deleteRule(uid)
  }

  async silence({ uid }: RuleRow, { seconds, comment }: SilenceWish): Promise<void> {
    await this.#api.createSilence(makeSilence(uid, { seconds, comment, by: this.#user.login, now: Date.now() }))
  }

  async endSilences({ silences }: RuleRow): Promise<void> {
    for (const { id } of silences) await this.#api.endSilence(id)
  }

  async startTest({ rule, uid }: RuleRow): Promise<void> {
    const copy = makeTestRule(rule, await this.#api.getRule(uid), Date.now())
    await this.#api.createInOwnGroup(copy, this.#minIntervalSeconds)
  }

  async endTest({ rule }: RuleRow): Promise<void> {
    await this.#api.deleteRule(testRuleUid(rule.id))
  }
}
