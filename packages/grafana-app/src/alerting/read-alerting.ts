/** Everything that the page shows, in as few requests as Grafana allows. */
import { ALERT_RULES } from '@aiwatch/provisioning/alerts'
import type { AlertingApi } from './alerting-api.ts'
import { describeRefusal } from './describe-refusal.ts'
import type { DeliveryReport, RuleStatus, StoredRule } from './grafana-shapes.ts'
import { chooseSource, jobNamesOf, type PrometheusSource, probeQueries, readProbes } from './prometheus-source.ts'
import type { Transition } from './rule-history.ts'
import type { AlertingReading } from './rule-row.ts'
import { findSince, findState } from './rule-state.ts'
import { makeValueQuery } from './rule-values.ts'

export interface ReadOptions {
  /** Data sources that speak PromQL and that the user may query. */
  prometheus: readonly { uid: string; name: string }[]
  /** Chosen by the user; else the best one. */
  chosenUid?: string
  historyStore: 'annotations' | 'loki'
  seesContactPoints: boolean
  /** Look again what each Prometheus scrapes, which is a question over all of its machines. */
  looksAgain: boolean
}

export interface PageReading extends AlertingReading {
  /** Undefined where the user may not see them. */
  contactPoints?: readonly string[]
  deliveries: ReadonlyMap<string, readonly DeliveryReport[]>
  /** Sentences about what could not be read. */
  failures: readonly string[]
  /** State of each rule when its history was read. */
  historyKeys: ReadonlyMap<string, string>
}

/** Asked again by itself only as long as none scrapes the collector. */
async function readSources(
  api: AlertingApi,
  options: ReadOptions,
  previous: PageReading | undefined,
): Promise<readonly PrometheusSource[]> {
  if (previous?.source && !options.looksAgain) return previous.sources
  return Promise.all(options.prometheus.map(async (one) => readProbes(one, await api.query(probeQueries(one.uid)))))
}

/** Read again only where the state of a rule is another than it was. */
async function readHistory(
  api: AlertingApi,
  { statuses, store, previous }: { statuses: readonly RuleStatus[]; store: ReadOptions['historyStore']; previous: PageReading | undefined },
): Promise<Pick<PageReading, 'history' | 'historyKeys'>> {
  const history = new Map<string, readonly Transition[]>()
  const historyKeys = new Map<string, string>()
  await Promise.all(
    statuses.map(async (status) => {
      const { uid } = status
      const key = `${findState(status)} ${findSince(status)}`
      const known = previous?.historyKeys.get(uid) === key ? previous.history.get(uid) : undefined
      history.set(uid, known ?? (await api.listHistory(uid, store)))
      historyKeys.set(uid, key)
    }),
  )
  return { history, historyKeys }
}

async function readValues(api: AlertingApi, rules: readonly StoredRule[], source: PrometheusSource | undefined) {
  const asked = source && { uid: source.uid, jobs: jobNamesOf(source) }
  const byRule = new Map(rules.map((stored) => [stored.uid, stored]))
  return api.query(ALERT_RULES.flatMap((rule) => makeValueQuery(rule, byRule.get(`aiwatch-${rule.id}`), asked) ?? []))
}

/**
 * Rejects when Grafana does not list its rules: then there is nothing to show. Whatever else cannot be read is left out and told in
 * `failures`. `previous`: history that cannot have changed is taken from it.
 */
export async function readAlerting(api: AlertingApi, options: ReadOptions, previous?: PageReading): Promise<PageReading> {
  const failures: string[] = []
  const orElse = <Value>(reading: Promise<Value>, missing: Value): Promise<Value> =>
    reading.catch((error: unknown) => {
      failures.push(describeRefusal(error))
      return missing
    })
  const [rules, sources, silences, contactPoints, deliveries] = await Promise.all([
    api.listRules(),
    readSources(api, options, previous),
    orElse(api.listSilences(), []),
    options.seesContactPoints ? orElse<readonly string[] | undefined>(api.listContactPoints(), undefined) : undefined,
    // Only says how notifications went: without it nothing else is missing.
    api.listDeliveries().catch(() => new Map<string, DeliveryReport[]>()),
  ])
  const source = sources.find(({ uid }) => uid === options.chosenUid) ?? chooseSource(sources)
  const uids = rules.map(({ uid }) => uid)
  const [statuses, values] = await Promise.all([orElse(api.listStatuses(uids), []), readValues(api, rules, source)])
  const past = await orElse(readHistory(api, { statuses, store: options.historyStore, previous }), {
    history: new Map<string, readonly Transition[]>(),
    historyKeys: new Map<string, string>(),
  })
  return { rules, sources, source, silences, contactPoints, deliveries, statuses, values, ...past, failures: [...new Set(failures)] }
}
