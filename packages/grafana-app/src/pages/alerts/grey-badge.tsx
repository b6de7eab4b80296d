import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Icon, type IconName, useStyles2 } from '@grafana/ui'

const getStyles = (theme: GrafanaTheme2) => ({
  badge: css({
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    padding: theme.spacing(0, 0.5),
    border: `1px solid ${theme.colors.border.medium}`,
    borderRadius: theme.shape.radius.default,
    color: theme.colors.text.primary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
})

/** Grafana's own badge in grey is too pale to read in the light theme. */
export function GreyBadge({ icon, text }: { icon: IconName; text: string }) {
  const styles = useStyles2(getStyles)
  return (
    <span className={styles.badge}>
      <Icon name={icon} size="sm" />
      {text}
    </span>
  )
}
