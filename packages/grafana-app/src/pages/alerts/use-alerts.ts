/** The state of the Alerts page: what was read, what is under way, and what came of the last action. */
import { config, getBackendSrv, getDataSourceSrv } from '@grafana/runtime'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { lastValueFrom } from 'rxjs'
import { AlertingApi, type Send } from '../../alerting/alerting-api.ts'
import { describeRefusal } from '../../alerting/describe-refusal.ts'
import { isPrometheus } from '../../alerting/prometheus-source.ts'
import { type PageReading, type ReadOptions, readAlerting } from '../../alerting/read-alerting.ts'
import { RuleActions } from '../../alerting/rule-actions.ts'
import { makeRows, type RuleRow } from '../../alerting/rule-row.ts'
import { readTestEnd } from '../../alerting/test-rule.ts'
import { readUserRights, type UserRights } from '../../alerting/user-rights.ts'
import { parseDuration } from '../../data/duration.ts'

const REFRESH_MS = 10_000

export interface Outcome {
  severity: 'success' | 'error'
  text: string
}

/** Runs one action after another; says `done` or why it was refused. */
export type Act = (action: (actions: RuleActions) => Promise<void>, done: string) => Promise<void>

export interface Alerts {
  /** Undefined before the first. */
  reading: PageReading | undefined
  rows: readonly RuleRow[]
  rights: UserRights
  isBusy: boolean
  outcome: Outcome | undefined
  act: Act
  refresh: (options?: { looksAgain?: boolean }) => Promise<void>
  chooseSource: (uid: string) => void
  clearOutcome: () => void
}

const send: Send = async (request) => {
  const { data } = await lastValueFrom(getBackendSrv().fetch({ ...request, showErrorAlert: false, showSuccessAlert: false }))
  return data
}

function findHistoryStore(): ReadOptions['historyStore'] {
  const { backend, primary } = config.unifiedAlerting?.stateHistory ?? {}
  return (backend === 'multiple' ? primary : backend) === 'loki' ? 'loki' : 'annotations'
}

function listPrometheus(): ReadOptions['prometheus'] {
  const all = getDataSourceSrv().getList({ filter: isPrometheus })
  return all.filter(isPrometheus).map(({ uid, name }) => ({ uid, name }))
}

function usePageServices() {
  return useMemo(() => {
    const { user } = config.bootData
    const api = new AlertingApi(send)
    const minInterval = parseDuration(config.unifiedAlerting?.minInterval ?? '') || undefined
    const actions = new RuleActions(api, { orgId: user.orgId, login: user.login }, minInterval)
    return { api, actions, rights: readUserRights(user.permissions) }
  }, [])
}

/** Copies for tests whose end has passed: they fire no more, and nobody needs them. */
const endedTests = (reading: PageReading) =>
  makeRows(reading).filter(({ test }) => test && (readTestEnd(test.stored) ?? Number.POSITIVE_INFINITY) < Date.now())

export function useAlerts(): Alerts {
  const { api, actions, rights } = usePageServices()
  const [reading, setReading] = useState<PageReading>()
  const [outcome, setOutcome] = useState<Outcome>()
  const [isBusy, setIsBusy] = useState(false)
  const [chosenUid, setChosenUid] = useState<string>()
  const latest = useRef<PageReading | undefined>(undefined)
  const turn = useRef(0)

  const refresh = useCallback<Alerts['refresh']>(
    async ({ looksAgain = false } = {}) => {
      turn.current += 1
      const own = turn.current
      const options = {
        prometheus: listPrometheus(),
        chosenUid,
        historyStore: findHistoryStore(),
        seesContactPoints: rights.seeContactPoints,
        looksAgain,
      }
      try {
        const next = await readAlerting(api, options, latest.current)
        // A slower answer to an older question must not hide a newer one.
        if (own !== turn.current) return
        latest.current = next
        setReading(next)
        if (rights.remove) for (const row of endedTests(next)) await actions.endTest(row)
      } catch (error) {
        if (own === turn.current) setOutcome({ severity: 'error', text: describeRefusal(error) })
      }
    },
    [api, actions, rights, chosenUid],
  )

  useEffect(() => {
    void refresh()
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void refresh()
    }, REFRESH_MS)
    return () => clearInterval(timer)
  }, [refresh])

  const act = useCallback<Act>(
    async (action, done) => {
      setIsBusy(true)
      setOutcome(undefined)
      try {
        await action(actions)
        setOutcome({ severity: 'success', text: done })
      } catch (error) {
        setOutcome({ severity: 'error', text: describeRefusal(error) })
      }
      await refresh()
      setIsBusy(false)
    },
    [actions, refresh],
  )

  const rows = useMemo(() => (reading ? makeRows(reading) : []), [reading])
  return { reading, rows, rights, isBusy, outcome, act, refresh, chooseSource: setChosenUid, clearOutcome: () => setOutcome(undefined) }
}
