/** AIWatch's alert rules in Grafana's own alerting: seen by everybody, installed and changed by who may. */
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { PluginPage } from '@grafana/runtime'
import { Alert, Button, LinkButton, LoadingPlaceholder, Stack, useStyles2 } from '@grafana/ui'
import { APP_PATH } from '../../plugin-ids.ts'
import { t } from '../../t.ts'
import { RuleItem } from './rule-item.tsx'
import { SourceSection } from './source-section.tsx'
import { nameState } from './state-badge.tsx'
import { nameArea } from './texts.ts'
import { type Alerts, useAlerts } from './use-alerts.ts'

const getStyles = (theme: GrafanaTheme2) => ({
  area: css({ fontSize: theme.typography.h4.fontSize, margin: theme.spacing(1, 0, 0) }),
  list: css({ listStyle: 'none', margin: 0, padding: 0 }),
})

const COUNTED = ['firing', 'pending', 'error', 'normal', 'not_installed'] as const

function Summary({ alerts: { rows } }: { alerts: Alerts }) {
  const counts = COUNTED.map((state) => [state, rows.filter((row) => row.state === state).length] as const)
  return (
    <strong>
      {counts
        .filter(([, count]) => count > 0)
        .map(([state, count]) => `${nameState(state)}: ${count}`)
        .join(' · ')}
    </strong>
  )
}

function Toolbar({ alerts }: { alerts: Alerts }) {
  const { rows, rights, reading, act, isBusy, refresh } = alerts
  const source = reading?.source
  const absent = rows.filter(({ stored }) => !stored).map(({ rule }) => rule)
  const installAll = () =>
    source &&
    act(
      (actions) => actions.install(absent, source),
      t('alerts.done.install-all', 'Rules installed: {{number}}.', { number: absent.length }),
    )
  return (
    <Stack gap={1} wrap="wrap" alignItems="center">
      <Summary alerts={alerts} />
      {rights.create && source && absent.length > 0 && (
        <Button icon="plus" size="sm" disabled={isBusy} onClick={installAll}>
          {t('alerts.action.install-all', 'Install all ({{number}})', { number: absent.length })}
        </Button>
      )}
      <Button icon="sync" size="sm" variant="secondary" disabled={isBusy} onClick={() => refresh({ looksAgain: true })}>
        {t('alerts.action.refresh', 'Refresh')}
      </Button>
      <LinkButton size="sm" variant="secondary" fill="text" href="/alerting/list">
        {t('alerts.link.rules', "Grafana's alert rules")}
      </LinkButton>
      {rights.seeContactPoints && (
        <>
          <LinkButton size="sm" variant="secondary" fill="text" href="/alerting/notifications">
            {t('alerts.link.contact-points', 'Contact points, with a test of each')}
          </LinkButton>
          <LinkButton size="sm" variant="secondary" fill="text" href="/alerting/routes">
            {t('alerts.link.policies', 'Notification policies')}
          </LinkButton>
        </>
      )}
    </Stack>
  )
}

function Rules({ alerts }: { alerts: Alerts }) {
  const styles = useStyles2(getStyles)
  const areas = [...new Set(alerts.rows.map(({ rule }) => rule.area))]
  return areas.map((area) => (
    <section key={area} aria-labelledby={`alerts-${area}`}>
      <h2 id={`alerts-${area}`} className={styles.area}>
        {nameArea(area)}
      </h2>
      <ul className={styles.list}>
        {alerts.rows
          .filter(({ rule }) => rule.area === area)
          .map((row) => (
            <RuleItem key={row.uid} row={row} alerts={alerts} />
          ))}
      </ul>
    </section>
  ))
}

function Outcomes({ alerts: { outcome, reading, clearOutcome } }: { alerts: Alerts }) {
  return (
    <div role="status" aria-live="polite">
      {outcome && <Alert severity={outcome.severity} title={outcome.text} onRemove={clearOutcome} />}
      {reading?.failures.map((failure) => (
        <Alert key={failure} severity="warning" title={failure} />
      ))}
    </div>
  )
}

export default function AlertsPage() {
  const alerts = useAlerts()
  const { reading, outcome } = alerts
  return (
    <PluginPage
      pageNav={{
        text: t('alerts.title', 'Alerts'),
        subTitle: t('alerts.subtitle', "AIWatch's rules in Grafana's alerting: what fires, what would, and who is told."),
        url: `${APP_PATH}/alerts`,
      }}
    >
      <Outcomes alerts={alerts} />
      {!reading && !outcome && <LoadingPlaceholder text={t('alerts.loading', 'Asking Grafana for its rules')} />}
      {reading && (
        <Stack direction="column" gap={2}>
          <SourceSection reading={reading} onChoose={alerts.chooseSource} />
          <Toolbar alerts={alerts} />
          <Rules alerts={alerts} />
        </Stack>
      )}
    </PluginPage>
  )
}
