/** What went wrong between panel and collector, as a sentence that says what to do. */
import { t } from '../t.ts'

export type FailureKind = 'unreachable' | 'key' | 'role' | 'version' | 'question' | 'redis' | 'busy' | 'grafana' | 'other'

export interface Failure {
  kind: FailureKind
  message: string
  /** The part of the question that is wrong. */
  field?: string
}

export class CollectorFailure extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/** A problem document of the collector (RFC 9457), or an error of Grafana itself, as far as it is there. */
interface Problem {
  status?: unknown
  detail?: unknown
  field?: unknown
  /** Of Grafana. */
  message?: unknown
}

const asText = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined)

function readProblem(data: unknown): Problem {
  if (typeof data === 'object' && data !== null) return data
  if (typeof data !== 'string') return {}
  try {
    const parsed: unknown = JSON.parse(data)
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch {
    return {}
  }
}

/** Grafana's proxy makes a 401 of the collector a 400 with this text, so that it is not taken for the end of the user's own session. */
const REFUSED_BY_COLLECTOR = /authentication to data source failed/i

function describeRefusal(status: number, detail: string | undefined, data: unknown): Failure | undefined {
  if (status === 400 && REFUSED_BY_COLLECTOR.test(`${typeof data === 'string' ? data : JSON.stringify(data ?? '')}`)) {
    return {
      kind: 'key',
      message: t(
        'failure.key',
        'The collector refused the API key (401): it is missing, wrong or revoked. Make one with "{{command}}" and enter it in the configuration of AIWatch.',
        { command: 'aiwatch keys create --role read --tenant <name>' },
      ),
    }
  }
  if (status === 401) {
    return { kind: 'grafana', message: t('failure.login', 'Grafana asks for a login (401): your session has ended. Log in again.') }
  }
  if (status !== 403) return undefined
  if (detail) {
    const message = t('failure.role', 'The API key may not do this (403): {{detail}}. Enter a key of role read.', { detail })
    return { kind: 'role', message }
  }
  return {
    kind: 'grafana',
    message: t(
      'failure.permission',
      'Grafana does not let you query this data source (403). Ask an administrator for the permission to query it.',
    ),
  }
}

/** `error`: what Grafana's backend service throws, with `status` and `data`. */
export function describeFailure(error: unknown): Failure {
  const { status = 0, data, statusText } = (error ?? {}) as { status?: number; data?: unknown; statusText?: string }
  const problem = readProblem(data)
  const detail = asText(problem.detail)
  const refusal = describeRefusal(status, detail, data)
  if (refusal) return refusal
  const ofGrafana = detail ? undefined : asText(problem.message)
  if (status === 400 && ofGrafana) {
    return {
      kind: 'grafana',
      message: t(
        'failure.address',
        'Grafana does not ask the collector (400): {{reason}}. Check the address in the configuration of AIWatch.',
        { reason: ofGrafana },
      ),
    }
  }
  if (status === 400) {
    const field = asText(problem.field)
    return {
      kind: 'question',
      message: t('failure.question', 'The collector does not take the question: {{detail}}.', {
        detail: detail ?? t('failure.question.bad', 'bad request'),
      }),
      ...(field ? { field } : {}),
    }
  }
  if (status === 404 && detail) {
    return { kind: 'question', message: t('failure.nothing', 'The collector has nothing there: {{detail}}.', { detail }) }
  }
  if (status === 404) {
    return {
      kind: 'version',
      message: t(
        'failure.version',
        'There is no /v1 at this address (404): either no AIWatch collector answers there (give the analytics port, 8081 by default) or it is older than this app; update the collector.',
      ),
    }
  }
  if (status === 429)
    return {
      kind: 'busy',
      message: t('failure.busy', 'The collector takes no more questions at the moment (429). Wait, or choose a longer refresh interval.'),
    }
  if (status === 503) {
    const said = detail ? `: ${detail}` : ''
    const values = { said, command: 'aiwatch doctor' }
    return { kind: 'redis', message: t('failure.redis', 'The collector cannot reach its Redis (503){{said}}. Run "{{command}}".', values) }
  }
  if (status === 502 || status === 504) {
    return {
      kind: 'unreachable',
      message: t(
        'failure.unreachable',
        "Grafana cannot reach the collector ({{status}}). Check that it runs, that its address in the configuration is the one that Grafana's server can reach, and that it listens on more than loopback when it is on another machine.",
        { status },
      ),
    }
  }
  if (status === 0) {
    const message = t('failure.grafana', 'Grafana does not answer. Check your connection to it, then reload the page.')
    return { kind: 'grafana', message }
  }
  return {
    kind: 'other',
    message: t('failure.other', 'The collector answered {{said}}. Its log says more.', {
      said: `${status}${statusText ? ` ${statusText}` : ''}${detail ? `: ${detail}` : ''}`,
    }),
  }
}
