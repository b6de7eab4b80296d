import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Alert, ClipboardButton, Stack, useStyles2 } from '@grafana/ui'
import { t } from '../../t.ts'

/** The least that records calls. Code is not translated. */
export const FIRST_LINES = `import { AIWatch } from '@aiwatch/sdk'
const watch = new AIWatch({ redis: 'redis://127.0.0.1:6379', app: 'my-app' })
const openai = watch.wrap(new OpenAI())`

export function EmptyStore() {
  const styles = useStyles2(getStyles)
  return (
    <Alert severity="info" title={t('notice.empty.title', 'No calls yet: wrap a client')}>
      <Stack direction="column" gap={1} alignItems="flex-start">
        <span>
          {t(
            'notice.empty.text',
            'These three lines in a program of yours, with the Redis of this collector, and its next call shows here.',
          )}
        </span>
        <pre className={styles.code}>{FIRST_LINES}</pre>
        <ClipboardButton size="sm" variant="secondary" icon="copy" getText={() => FIRST_LINES}>
          {t('notice.empty.copy', 'Copy the lines')}
        </ClipboardButton>
      </Stack>
    </Alert>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  // Wrapped: a region that scrolls would have to be reachable by keyboard.
  code: css({ margin: 0, padding: theme.spacing(1), whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }),
})
