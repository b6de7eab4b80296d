/** Everything about one rule, below its line. */
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Alert, Stack, useStyles2 } from '@grafana/ui'
import type { ReactNode } from 'react'
import type { RuleRow } from '../../alerting/rule-row.ts'
import { t } from '../../t.ts'
import { type ActionsProps, RuleActionsBar } from './rule-actions-bar.tsx'
import { describeFires, formatAgo, formatTime, nameContactPoint, nameExporter, namePart } from './texts.ts'

const MAX_SHOWN = 10

const getStyles = (theme: GrafanaTheme2) => ({
  facts: css({
    display: 'grid',
    gridTemplateColumns: 'max-content minmax(0, 1fr)',
    gap: theme.spacing(0.5, 2),
    margin: 0,
    dt: { color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular },
    dd: { margin: 0, overflowWrap: 'anywhere' },
  }),
  list: css({ margin: 0, paddingLeft: theme.spacing(2), overflowWrap: 'anywhere' }),
  heading: css({ fontSize: theme.typography.body.fontSize, margin: 0 }),
})

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function Facts({ row }: { row: RuleRow }) {
  const styles = useStyles2(getStyles)
  const { rule } = row
  return (
    <dl className={styles.facts}>
      <Fact name={t('alerts.fact.description', 'What it looks at')}>{rule.description}</Fact>
      <Fact name={t('alerts.fact.action', 'What to do')}>{rule.action}</Fact>
      <Fact name={t('alerts.fact.fires', 'Fires')}>{describeFires(row)}</Fact>
      <Fact name={t('alerts.fact.severity', 'Severity')}>{rule.severity}</Fact>
      <Fact name={t('alerts.fact.needs', 'Needs')}>{nameExporter(rule.needs)}</Fact>
      {row.stored && <Fact name={t('alerts.fact.contact-point', 'Contact point')}>{nameContactPoint(row.contactPoint)}</Fact>}
      {row.stored && (
        <Fact name={t('alerts.fact.last-fired', 'Last fired')}>
          {row.lastFired === undefined
            ? t('alerts.fact.never', 'never, as far as the history goes')
            : `${formatTime(row.lastFired)} (${formatAgo(row.lastFired)})`}
        </Fact>
      )}
    </dl>
  )
}

/** Without the labels that all series of the rule have. */
function describeSeries(labels: Record<string, string>, own: ReadonlySet<string>): string {
  const telling = Object.entries(labels).filter(([name]) => !own.has(name))
  return telling.map(([name, value]) => `${name}=${value}`).join(', ')
}

function Instances({ row }: { row: RuleRow }) {
  const styles = useStyles2(getStyles)
  const active = (row.status?.alerts ?? []).filter(({ state }) => /^(Alerting|Pending|Recovering|Error)/.test(state))
  if (active.length === 0) return null
  const own = new Set(['alertname', 'grafana_folder', '__alert_rule_uid__', ...Object.keys(row.stored?.labels ?? {})])
  return (
    <div>
      <h4 className={styles.heading}>{t('alerts.instances', 'Series')}</h4>
      <ul className={styles.list}>
        {active.slice(0, MAX_SHOWN).map(({ labels, annotations, state, activeAt }) => (
          <li key={JSON.stringify(labels)}>
            {[state, describeSeries(labels, own), activeAt ? formatAgo(Date.parse(activeAt)) : ''].filter(Boolean).join(', ')}
            {annotations?.['summary'] && (
              <>
                <br />
                {annotations['summary']}
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}

function History({ row }: { row: RuleRow }) {
  const styles = useStyles2(getStyles)
  if (row.transitions.length === 0) return null
  return (
    <div>
      <h4 className={styles.heading}>{t('alerts.history', 'History')}</h4>
      <ul className={styles.list}>
        {row.transitions.slice(0, MAX_SHOWN).map(({ time, from, to, series }) => (
          <li key={`${time} ${series}`}>
            {formatTime(time)}: {from} → {to} {series}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** How the notification of a test went: only what was attempted since the test began to fire. */
function TestReport({ row, alerts }: ActionsProps) {
  const { test, contactPoint } = row
  if (!test) return null
  const deliveries = contactPoint === undefined ? [] : (alerts.reading?.deliveries.get(contactPoint) ?? [])
  return (
    <Alert
      severity="info"
      title={
        test.state === 'firing'
          ? t('alerts.test.fires', 'The test fires')
          : t('alerts.test.waits', 'The test waits for its first evaluation')
      }
    >
      <p>
        {t('alerts.test.where', 'Grafana waits as long as its notification policy says (30 s by default) before it sends the message.')}
      </p>
      {deliveries
        .filter(({ lastNotifyAttempt }) => Date.parse(lastNotifyAttempt) > 0)
        .map(({ name, lastNotifyAttempt, lastNotifyAttemptError }) => (
          <p key={name}>
            {lastNotifyAttemptError
              ? t('alerts.test.not-delivered', 'Last message through {{name}} at {{time}} failed: {{error}}', {
                  name,
                  time: formatTime(lastNotifyAttempt),
                  error: lastNotifyAttemptError,
                })
              : t('alerts.test.delivered', 'Last message through {{name}}: {{time}}, delivered', {
                  name,
                  time: formatTime(lastNotifyAttempt),
                })}
          </p>
        ))}
    </Alert>
  )
}

function Notes({ row }: { row: RuleRow }) {
  const { missing, provenance, status, silences, differences } = row
  return (
    <>
      {missing && (
        <Alert
          severity="info"
          title={t('alerts.missing', 'It cannot fire: Prometheus does not scrape {{exporter}}', { exporter: nameExporter(missing) })}
        />
      )}
      {provenance && (
        <Alert
          severity="info"
          title={
            provenance === 'file'
              ? t('alerts.from-file', 'It comes from a file: change it there')
              : t('alerts.provisioned', 'It was provisioned ({{provenance}}): change it there', { provenance })
          }
        />
      )}
      {differences.length > 0 && (
        <Alert
          severity="info"
          title={t('alerts.differs', 'It is not the rule of this version of AIWatch: {{parts}}', {
            parts: differences.map(namePart).join(', '),
          })}
        >
          {t(
            'alerts.differs.text',
            'An update keeps its threshold, its duration and who is told, and replaces other edits of these parts.',
          )}
        </Alert>
      )}
      {status?.lastError && (
        <Alert severity="error" title={t('alerts.last-error', 'Its last evaluation failed')}>
          {status.lastError}
        </Alert>
      )}
      {silences.map(({ id, endsAt, createdBy, comment }) => (
        <Alert key={id} severity="info" title={t('alerts.silent-until', 'Silent until {{time}}', { time: formatTime(endsAt) })}>
          {createdBy}: {comment}
        </Alert>
      ))}
    </>
  )
}

export function RuleDetails({ row, alerts }: ActionsProps) {
  return (
    <Stack direction="column" gap={2}>
      <Notes row={row} />
      <TestReport row={row} alerts={alerts} />
      <Facts row={row} />
      <Instances row={row} />
      <History row={row} />
      <RuleActionsBar row={row} alerts={alerts} />
    </Stack>
  )
}
