import { config, PluginPage } from '@grafana/runtime'
import { EmptyState, LinkButton } from '@grafana/ui'
import { CONFIGURATION_PATH } from '../plugin-ids.ts'
import { t } from '../t.ts'

/** Before the first collector is connected. */
export function NoDataSource() {
  const isAdmin = config.bootData.user.orgRole === 'Admin' || config.bootData.user.isGrafanaAdmin
  return (
    <PluginPage>
      <EmptyState
        variant="call-to-action"
        message={t('no-data-source.title', 'No collector is connected yet')}
        button={
          isAdmin ? <LinkButton href={CONFIGURATION_PATH}>{t('no-data-source.connect', 'Connect a collector')}</LinkButton> : undefined
        }
      >
        {isAdmin
          ? t('no-data-source.admin', 'Give the address of a collector and an API key; the data source is made for you.')
          : t(
              'no-data-source.viewer',
              'There is no AIWatch data source that you may query. Ask an administrator of Grafana to connect one.',
            )}
      </EmptyState>
    </PluginPage>
  )
}
