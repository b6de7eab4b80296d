/** What Grafana's alerting API answers and takes, as far as the page needs it. The same in Grafana 12.4 and 13. */

export interface StoredQuery {
  refId: string
  queryType?: string
  relativeTimeRange?: { from: number; to: number }
  datasourceUid: string
  model: Record<string, unknown>
}

/** A rule of `/api/v1/provisioning/alert-rules`. What is not named here goes back to Grafana as it came. */
export interface StoredRule {
  uid: string
  orgID: number
  folderUID: string
  ruleGroup: string
  title: string
  condition: string
  data: StoredQuery[]
  noDataState: string
  execErrState: string
  /** A duration as Prometheus writes it, such as `2m`. */
  for: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  isPaused: boolean
  /** Absent or empty: it can be edited. `file`: it comes from a file. */
  provenance?: string
  /** Absent: notification policies say who is told. */
  notification_settings?: { receiver: string } | null
}

/** One series of a rule. */
export interface AlertInstance {
  labels: Record<string, string>
  /** With the values filled in. */
  annotations?: Record<string, string>
  /** Such as `Alerting` or `Normal (NoData)`. */
  state: string
  activeAt?: string | null
}

/** A rule of `/api/prometheus/grafana/api/v1/rules`. */
export interface RuleStatus {
  uid: string
  /** `inactive`, `pending`, `firing` or `recovering`. */
  state: string
  /** `ok`, `error` or `nodata`. */
  health: string
  lastError?: string
  /** Year 1 before the first. */
  lastEvaluation: string
  isPaused: boolean
  alerts?: AlertInstance[]
}

export interface Matcher {
  name: string
  value: string
  isRegex: boolean
  /** Default true. */
  isEqual?: boolean
}

export interface Silence {
  id: string
  matchers: Matcher[]
  startsAt: string
  endsAt: string
  createdBy: string
  comment: string
  status: { state: 'active' | 'pending' | 'expired' }
}

/** An integration of a contact point as Grafana's Alertmanager reports it. */
export interface DeliveryReport {
  name: string
  lastNotifyAttempt: string
  lastNotifyAttemptError?: string
}
