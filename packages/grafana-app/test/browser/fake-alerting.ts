/**
 * Stands for the alerting API of Grafana: keeps rules and silences, takes only what the real one takes (shapes of 12.4), and evaluates
 * each rule at once on values that a test sets. The real one is asked in test/grafana.
 */
import type { Silence, StoredRule } from '../../src/alerting/grafana-shapes.ts'

export interface FakeRequest {
  method: string
  path: string
  search: URLSearchParams
  headers: Record<string, string>
  body: unknown
}

export interface FakeAnswer {
  status: number
  body: unknown
}

interface Sample {
  labels: Record<string, string>
  value: number
}

const DURATION = /^(0|(\d+(ms|[smhdwy]))+)$/
const ok = (body: unknown, status = 200): FakeAnswer => ({ status, body })
const refuse = (status: number, message: string): FakeAnswer => ({ status, body: { message } })

export class FakeAlerting {
  readonly rules = new Map<string, StoredRule>()
  readonly silences = new Map<string, Silence>()
  readonly folders: { uid: string; title: string }[] = []
  readonly intervals = new Map<string, number>()
  /** What a query gives, by a part of its expression; the first that fits. */
  readonly series = new Map<string, Sample[]>()
  dataSources = ['prom']
  mayWrite = true
  /** Method and path of what was written. */
  readonly written: string[] = []

  answer(request: FakeRequest): FakeAnswer {
    const { method, path } = request
    const isQuery = path === '/api/ds/query'
    if (method !== 'GET' && !isQuery) {
      this.written.push(`${method} ${path}`)
      if (!this.mayWrite) return refuse(403, "You'll need additional permissions to perform this action.")
    }
    if (isQuery) return this.#query(request.body as never)
    if (path.startsWith('/api/v1/provisioning/alert-rules')) return this.#rule(request, path.split('/')[5])
    if (path.startsWith('/api/v1/provisioning/folder/')) return this.#group(request)
    if (path === '/api/prometheus/grafana/api/v1/rules') return this.#statuses(request.search.getAll('rule_uid'))
    if (path === '/api/alertmanager/grafana/api/v2/silences') {
      return method === 'POST' ? this.#silence(request.body as Silence) : ok([...this.silences.values()])
    }
    if (path.startsWith('/api/alertmanager/grafana/api/v2/silence/')) return this.#endSilence(path.split('/').at(-1) ?? '')
    if (path === '/api/v1/provisioning/contact-points') {
      return ok([{ uid: 'c1', name: 'on-call', type: 'webhook', settings: { url: 'http://127.0.0.1/' }, disableResolveMessage: false }])
    }
    if (path === '/api/alertmanager/grafana/config/api/v1/receivers') return ok([{ name: 'on-call', active: true, integrations: [] }])
    if (path === '/api/folders') return this.#folder(request)
    if (path === '/api/annotations') return ok([])
    return refuse(404, `Not found: ${path}`)
  }

  #folder({ method, body }: FakeRequest): FakeAnswer {
    if (method === 'GET') return ok(this.folders)
    const { title } = body as { title: string }
    if (this.folders.some((folder) => folder.title === title)) return refuse(412, 'a folder with the same name already exists')
    this.folders.push({ uid: `f${this.folders.length + 1}`, title })
    return ok(this.folders.at(-1))
  }

  /** As its validation: undefined where it is taken. */
  #fault(rule: StoredRule): string | undefined {
    if (!/^[\w-]{1,40}$/.test(rule.uid)) return 'invalid UID'
    if (!rule.title || rule.title.length > 190) return 'no or too long a title'
    if (!this.folders.some(({ uid }) => uid === rule.folderUID)) return `folder ${rule.folderUID} does not exist`
    if (!rule.ruleGroup) return 'no rule group'
    if (!DURATION.test(rule.for)) return `not a valid duration string: ${rule.for}`
    if (!['OK', 'NoData', 'Alerting', 'KeepLast'].includes(rule.noDataState)) return `unknown no data state ${rule.noDataState}`
    if (!['OK', 'Error', 'Alerting', 'KeepLast'].includes(rule.execErrState)) return `unknown execution error state ${rule.execErrState}`
    if (!rule.data.some(({ refId }) => refId === rule.condition)) return `condition ${rule.condition} does not exist`
    const unknown = rule.data.find(({ datasourceUid }) => ![...this.dataSources, '__expr__'].includes(datasourceUid))
    if (unknown) return `data source ${unknown.datasourceUid} not found`
    if (rule.data.some(({ relativeTimeRange: range }) => !range || range.from <= range.to)) return 'invalid relative time range'
    const twin = [...this.rules.values()].find(
      ({ uid, title, folderUID }) => uid !== rule.uid && title === rule.title && folderUID === rule.folderUID,
    )
    return twin && 'a conflicting alert rule is found: rule title under the same organisation and folder should be unique'
  }

  #keep(rule: StoredRule, { headers }: FakeRequest): StoredRule {
    const kept = { ...rule, provenance: 'x-disable-provenance' in headers ? undefined : 'api' }
    this.rules.set(rule.uid, kept)
    return kept
  }

  #rule(request: FakeRequest, uid: string | undefined): FakeAnswer {
    const { method, body } = request
    if (uid === undefined) return method === 'GET' ? ok([...this.rules.values()]) : this.#create(request, body as StoredRule)
    const stored = this.rules.get(uid)
    if (!stored) return refuse(404, '')
    if (method === 'GET') return ok(stored)
    if (stored.provenance) return refuse(500, `cannot change provenance from '${stored.provenance}' to ''`)
    if (method === 'DELETE') {
      this.rules.delete(uid)
      return ok('', 204)
    }
    const fault = this.#fault(body as StoredRule)
    return fault ? refuse(400, `invalid alert rule: ${fault}`) : ok(this.#keep(body as StoredRule, request))
  }

  #create(request: FakeRequest, rule: StoredRule): FakeAnswer {
    const fault = this.#fault(rule)
    if (fault) return refuse(400, `invalid alert rule: ${fault}`)
    if (this.rules.has(rule.uid)) return refuse(409, 'a conflicting alert rule is found')
    this.intervals.set(rule.ruleGroup, 60)
    return ok(this.#keep(rule, request), 201)
  }

  #group(request: FakeRequest): FakeAnswer {
    const [, folderUid, , name] = request.path.split('/').slice(4).map(decodeURIComponent)
    if (request.method === 'GET') {
      const held = [...this.rules.values()].filter(({ ruleGroup }) => ruleGroup === name)
      return held.length > 0
        ? ok({ title: name, folderUid, interval: this.intervals.get(name ?? ''), rules: held })
        : refuse(404, 'no such group')
    }
    const { interval, rules } = request.body as { interval: number; rules: StoredRule[] }
    if (!(interval > 0) || interval % 10 !== 0) return refuse(400, `interval ${interval} must be a multiple of 10 seconds`)
    for (const rule of rules) {
      const fault = this.#fault(rule) ?? (rule.folderUID === folderUid ? undefined : 'of another folder')
      if (fault) return refuse(400, `invalid alert rule: ${fault}`)
    }
    // What the group no longer names is deleted.
    for (const { uid, ruleGroup } of [...this.rules.values()]) if (ruleGroup === name) this.rules.delete(uid)
    for (const rule of rules) this.#keep(rule, request)
    this.intervals.set(name ?? '', interval)
    return ok(request.body)
  }

  #samples(expression: string): Sample[] {
    for (const [part, samples] of this.series) if (expression.includes(part)) return samples
    return []
  }

  #statuses(uids: string[]): FakeAnswer {
    const rules = uids.flatMap((uid) => this.rules.get(uid) ?? []).map((rule) => this.#status(rule))
    return ok({ status: 'success', data: { groups: [{ name: 'g', file: 'AIWatch', folderUid: 'f1', interval: 60, rules }] } })
  }

  #status({ uid, title, isPaused, data, for: duration, labels = {} }: StoredRule) {
    const [query, condition] = data
    const [given] = (condition?.model['conditions'] ?? []) as { evaluator: { type: string; params: [number] } }[]
    const { type, params } = given?.evaluator ?? { type: 'gt', params: [Number.POSITIVE_INFINITY] }
    const past = (value: number) => (type === 'gt' ? value > params[0] : value < params[0])
    const firing = /^0/.test(duration) ? 'Alerting' : 'Pending'
    const alerts = this.#samples(String(query?.model['expr'])).map((sample) => ({
      labels: { alertname: title, ...labels, ...sample.labels },
      annotations: { summary: `${Number((sample.value * 100).toFixed(1))} % of the calls failed` },
      state: past(sample.value) ? firing : 'Normal',
      activeAt: '2026-01-01T00:00:00Z',
      value: '',
    }))
    const states = new Set(alerts.map(({ state }) => state))
    const state = states.has('Alerting') ? 'firing' : states.has('Pending') ? 'pending' : 'inactive'
    return {
      uid,
      name: title,
      state,
      health: 'ok',
      type: 'alerting',
      lastEvaluation: '2026-01-01T00:00:10Z',
      isPaused,
      alerts: isPaused ? [] : alerts,
    }
  }

  #silence({ matchers, startsAt, endsAt, createdBy, comment }: Silence): FakeAnswer {
    const isWhole = matchers?.length > 0 && matchers.every(({ name, isRegex }) => name && typeof isRegex === 'boolean')
    if (!isWhole || !(Date.parse(endsAt) > Date.parse(startsAt)) || !createdBy || !comment) return refuse(400, 'silence failed validation')
    const id = `s${this.silences.size + 1}`
    this.silences.set(id, { id, matchers, startsAt, endsAt, createdBy, comment, status: { state: 'active' } })
    return ok({ silenceID: id }, 202)
  }

  #endSilence(id: string): FakeAnswer {
    const silence = this.silences.get(id)
    if (!silence) return refuse(404, 'silence not found')
    silence.status.state = 'expired'
    return ok({ message: 'silence deleted' })
  }

  #query({ queries }: { queries: { refId: string; expr: string; datasource: { uid: string } }[] }): FakeAnswer {
    const results = queries.map(({ refId, expr }) => {
      const frames = this.#samples(expr).map(({ labels, value }) => ({
        schema: {
          refId,
          fields: [
            { name: 'Time', type: 'time' },
            { name: 'Value', type: 'number', labels },
          ],
        },
        data: { values: [[1], [value]] },
      }))
      return [refId, { status: 200, frames }]
    })
    return ok({ results: Object.fromEntries(results) })
  }
}
