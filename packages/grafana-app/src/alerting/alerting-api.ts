/** The parts of Grafana's HTTP API that the Alerts page uses, with the session of who looks at it. */
import { RULE_FOLDER } from '@aiwatch/provisioning/alerts'
import type { DeliveryReport, RuleStatus, Silence, StoredRule } from './grafana-shapes.ts'
import { type InstantAnswer, type InstantQuery, makeQueryBody, readQueryAnswer } from './instant-query.ts'
import { readAnnotations, readHistoryFrame, type Transition } from './rule-history.ts'
import type { SilenceRequest } from './silences.ts'

export interface ApiRequest {
  url: string
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  data?: unknown
  headers?: Record<string, string>
  /** `text` where the answer is empty: Grafana 12.4 announces JSON for it, and reading none fails. */
  responseType?: 'text'
}

/** Sends a request; rejects with `status` and `data`, as Grafana's backend service does. */
export type Send = (request: ApiRequest) => Promise<unknown>

const RULES = '/api/v1/provisioning/alert-rules'
const SILENCES = '/api/alertmanager/grafana/api/v2'
/** Without it Grafana marks what is written as provisioned, and nobody can edit it in Grafana. */
const EDITABLE = { 'X-Disable-Provenance': 'true' }
const MAX_TRANSITIONS = 100
const LOKI_DAYS = 30
const MAX_FOLDERS = 1000

const asList = <Item>(answer: unknown) => (Array.isArray(answer) ? (answer as Item[]) : [])
const path = encodeURIComponent

interface RuleGroup {
  title: string
  folderUid: string
  /** Seconds. */
  interval: number
  rules: StoredRule[]
}

const groupUrl = (folderUid: string, group: string) => `/api/v1/provisioning/folder/${path(folderUid)}/rule-groups/${path(group)}`

export class AlertingApi {
  readonly #send: Send

  constructor(send: Send) {
    this.#send = send
  }

  /** Rules of AIWatch and copies for tests, wherever they lie. */
  async listRules(): Promise<StoredRule[]> {
    const all = asList<StoredRule>(await this.#send({ url: RULES }))
    return all.filter(({ uid, labels }) => uid.startsWith('aiwatch-') && labels?.['aiwatch_rule'] !== undefined)
  }

  async getRule(uid: string): Promise<StoredRule> {
    return (await this.#send({ url: `${RULES}/${path(uid)}` })) as StoredRule
  }

  async createRule(rule: StoredRule): Promise<void> {
    await this.#send({ url: RULES, method: 'POST', data: rule, headers: EDITABLE })
  }

  async updateRule(rule: StoredRule): Promise<void> {
    await this.#send({ url: `${RULES}/${path(rule.uid)}`, method: 'PUT', data: rule, headers: EDITABLE })
  }

  async deleteRule(uid: string): Promise<void> {
    await this.#send({ url: `${RULES}/${path(uid)}`, method: 'DELETE', headers: EDITABLE, responseType: 'text' })
  }

  /** A group of its own, so that it is evaluated as often as Grafana allows. */
  async createInOwnGroup(rule: StoredRule, intervalSeconds: number): Promise<void> {
    const { folderUID, ruleGroup } = rule
    await this.#putGroup({ title: ruleGroup, folderUid: folderUID, interval: intervalSeconds, rules: [rule] })
  }

  /**
   * By way of the group: Grafana 12.4 takes a change of a single rule by an editor for none when only its pause differs, and answers 200
   * (`CalculateRuleUpdate` keeps the pause that is stored).
   */
  async pauseRule({ uid, folderUID, ruleGroup }: StoredRule, isPaused: boolean): Promise<void> {
    const group = (await this.#send({ url: groupUrl(folderUID, ruleGroup) })) as RuleGroup
    await this.#putGroup({ ...group, rules: group.rules.map((rule) => (rule.uid === uid ? { ...rule, isPaused } : rule)) })
  }

  async #putGroup(group: RuleGroup): Promise<void> {
    await this.#send({ url: groupUrl(group.folderUid, group.title), method: 'PUT', data: group, headers: EDITABLE })
  }

  async listStatuses(uids: readonly string[]): Promise<RuleStatus[]> {
    if (uids.length === 0) return []
    const search = new URLSearchParams(uids.map((uid) => ['rule_uid', uid]))
    const answer = (await this.#send({ url: `/api/prometheus/grafana/api/v1/rules?${search}` })) as {
      data?: { groups?: { rules?: RuleStatus[] }[] }
    }
    return (answer?.data?.groups ?? []).flatMap(({ rules }) => rules ?? []).filter(({ uid }) => uids.includes(uid))
  }

  /** Newest first. */
  async listHistory(uid: string, store: 'annotations' | 'loki'): Promise<Transition[]> {
    if (store === 'annotations') {
      const search = new URLSearchParams({ alertUID: uid, limit: String(MAX_TRANSITIONS) })
      return readAnnotations(await this.#send({ url: `/api/annotations?${search}` }))
    }
    const to = Math.ceil(Date.now() / 1000)
    const from = to - LOKI_DAYS * 86_400
    const search = new URLSearchParams({ ruleUID: uid, from: String(from), to: String(to), limit: String(MAX_TRANSITIONS) })
    return readHistoryFrame(await this.#send({ url: `/api/v1/rules/history?${search}` }))
  }

  async listSilences(): Promise<Silence[]> {
    return asList<Silence>(await this.#send({ url: `${SILENCES}/silences` }))
  }

  async createSilence(silence: SilenceRequest): Promise<void> {
    await this.#send({ url: `${SILENCES}/silences`, method: 'POST', data: silence })
  }

  async endSilence(id: string): Promise<void> {
    await this.#send({ url: `${SILENCES}/silence/${path(id)}`, method: 'DELETE' })
  }

  /** Names; a contact point may have several integrations. */
  async listContactPoints(): Promise<string[]> {
    const all = asList<{ name?: string }>(await this.#send({ url: '/api/v1/provisioning/contact-points' }))
    return [...new Set(all.flatMap(({ name }) => (name ? [name] : [])))].sort()
  }

  /** How the last notification of each contact point went. */
  async listDeliveries(): Promise<Map<string, DeliveryReport[]>> {
    const all = asList<{ name: string; integrations?: DeliveryReport[] }>(
      await this.#send({ url: '/api/alertmanager/grafana/config/api/v1/receivers' }),
    )
    return new Map(all.map(({ name, integrations }) => [name, integrations ?? []]))
  }

  /** Uid of the folder of the rules, which is made where it is not there. */
  async provideFolder(): Promise<string> {
    const folders = asList<{ uid: string; title: string }>(await this.#send({ url: `/api/folders?limit=${MAX_FOLDERS}` }))
    const found = folders.find(({ title }) => title === RULE_FOLDER)
    if (found) return found.uid
    const made = (await this.#send({ url: '/api/folders', method: 'POST', data: { title: RULE_FOLDER } })) as { uid: string }
    return made.uid
  }

  /** By refId. Never rejects for what a data source answers; a refusal of Grafana itself is the failure of every query. */
  async query(queries: readonly InstantQuery[]): Promise<Map<string, InstantAnswer>> {
    const refIds = queries.map(({ refId }) => refId)
    if (refIds.length === 0) return new Map()
    const answer = await this.#send({ url: '/api/ds/query', method: 'POST', data: makeQueryBody(queries) }).catch(
      (error: { data?: unknown }) => error?.data,
    )
    return readQueryAnswer(answer, refIds)
  }
}
