import { config } from '@grafana/runtime'
import { Alert, LinkButton, Stack } from '@grafana/ui'
import { CONFIGURATION_PATH } from '../../plugin-ids.ts'
import { t } from '../../t.ts'

const isAdmin = () => config.bootData.user.orgRole === 'Admin' || config.bootData.user.isGrafanaAdmin

/** The sentence says what to do; whoever can do it gets the way there. */
export function PageFailure({ message }: { message: string }) {
  return (
    <Alert severity="error" title={t('notice.failure', 'This page has no figures')}>
      <Stack direction="column" gap={1} alignItems="flex-start">
        <span>{message}</span>
        {isAdmin() && (
          <LinkButton size="sm" variant="secondary" href={CONFIGURATION_PATH}>
            {t('notice.configuration', 'Configuration')}
          </LinkButton>
        )}
      </Stack>
    </Alert>
  )
}
