/** A rule as one line that opens. */
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Badge, Icon, useStyles2 } from '@grafana/ui'
import { useState } from 'react'
import type { RuleRow } from '../../alerting/rule-row.ts'
import { t } from '../../t.ts'
import { GreyBadge } from './grey-badge.tsx'
import type { ActionsProps } from './rule-actions-bar.tsx'
import { RuleDetails } from './rule-details.tsx'
import { StateBadge } from './state-badge.tsx'
import { describeFires, describeValue, formatAgo, nameContactPoint, nameExporter } from './texts.ts'

const getStyles = (theme: GrafanaTheme2) => ({
  item: css({ borderBottom: `1px solid ${theme.colors.border.weak}` }),
  heading: css({ margin: 0, fontSize: 'inherit' }),
  line: css({
    display: 'grid',
    gridTemplateColumns: '16px 150px minmax(0, 3fr) minmax(0, 2fr) minmax(0, 2fr)',
    gap: theme.spacing(0.5, 1.5),
    alignItems: 'center',
    width: '100%',
    padding: theme.spacing(1),
    border: 'none',
    background: 'transparent',
    textAlign: 'left',
    fontSize: theme.typography.body.fontSize,
    fontWeight: theme.typography.fontWeightRegular,
    '&:hover': { background: theme.colors.action.hover },
    [theme.breakpoints.down('md')]: { gridTemplateColumns: '16px minmax(0, 1fr)', '& > :not(:first-child)': { gridColumn: 2 } },
  }),
  title: css({ fontWeight: theme.typography.fontWeightMedium, overflowWrap: 'anywhere' }),
  second: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  details: css({ padding: theme.spacing(1, 1, 2, 4), [theme.breakpoints.down('md')]: { paddingLeft: theme.spacing(1) } }),
})

function Since({ row }: { row: RuleRow }) {
  const styles = useStyles2(getStyles)
  if (!row.stored) return <span />
  return (
    <span>
      {row.since !== undefined && t('alerts.since', 'since {{time}}', { time: formatAgo(row.since) })}
      <span className={styles.second}>
        {' '}
        {row.lastFired !== undefined &&
          row.state !== 'firing' &&
          t('alerts.last-fired', 'last fired {{time}}', { time: formatAgo(row.lastFired) })}
        <br />
        {t('alerts.tells', 'tells {{contactPoint}}', { contactPoint: nameContactPoint(row.contactPoint) })}
      </span>
    </span>
  )
}

function Value({ row }: { row: RuleRow }) {
  const styles = useStyles2(getStyles)
  return (
    <span>
      {describeValue(row)}
      <span className={styles.second}>
        <br />
        {t('alerts.fires-when', 'fires {{when}}', { when: describeFires(row) })}
      </span>
    </span>
  )
}

function Marks({ row }: { row: RuleRow }) {
  return (
    <>
      {row.provenance === 'file' && <Badge color="blue" icon="lock" text={t('alerts.mark.file', 'From file')} />}
      {row.provenance && row.provenance !== 'file' && <Badge color="blue" icon="lock" text={t('alerts.mark.provisioned', 'Provisioned')} />}
      {row.silences.length > 0 && <Badge color="purple" icon="bell-slash" text={t('alerts.mark.silent', 'Silent')} />}
      {row.test && <Badge color="orange" icon="fire" text={t('alerts.mark.test', 'Test runs')} />}
      {row.differences.length > 0 && <Badge color="orange" icon="sync" text={t('alerts.mark.differs', 'Update available')} />}
      {row.missing && (
        <GreyBadge icon="info-circle" text={t('alerts.mark.missing', 'needs {{exporter}}', { exporter: nameExporter(row.missing) })} />
      )}
    </>
  )
}

export function RuleItem({ row, alerts }: ActionsProps) {
  const styles = useStyles2(getStyles)
  const [isOpen, setIsOpen] = useState(false)
  const detailsId = `${row.uid}-details`
  return (
    <li className={styles.item} data-rule={row.rule.id} data-state={row.state}>
      <h3 className={styles.heading}>
        <button type="button" className={styles.line} aria-expanded={isOpen} aria-controls={detailsId} onClick={() => setIsOpen(!isOpen)}>
          <span>
            <Icon name={isOpen ? 'angle-down' : 'angle-right'} />
          </span>
          <span>
            <StateBadge state={row.state} />
          </span>
          <span>
            <span className={styles.title}>{row.rule.title}</span> <Marks row={row} />
            <span className={styles.second}>
              <br />
              {row.rule.severity}
            </span>
          </span>
          <Value row={row} />
          <Since row={row} />
        </button>
      </h3>
      <div id={detailsId} className={isOpen ? styles.details : undefined}>
        {isOpen && <RuleDetails row={row} alerts={alerts} />}
      </div>
    </li>
  )
}
