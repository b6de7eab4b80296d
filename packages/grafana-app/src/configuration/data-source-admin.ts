/** What the Configuration page asks of Grafana, with the rights of who looks at it. */

import type { Catalog, SystemState } from '@aiwatch/collector/contract'
import { getBackendSrv } from '@grafana/runtime'
import { firstValueFrom } from 'rxjs'
import { AnswerClient } from '../data/answer-client.ts'
import { APP_ID, DATA_SOURCE_TYPE, DATA_SOURCE_UID } from '../plugin-ids.ts'
import { t } from '../t.ts'

export interface DataSource {
  uid: string
  name: string
  type: string
  url: string
  access: string
  readOnly?: boolean
  isDefault?: boolean
  jsonData?: Record<string, unknown>
  secureJsonFields?: Record<string, boolean>
  version?: number
}

export interface Connection {
  url: string
  /** Empty: the stored one stays. */
  apiKey: string
}

/** The first AIWatch data source, with what the list does not tell; undefined where there is none. */
export async function findDataSource(): Promise<DataSource | undefined> {
  const all = await getBackendSrv().get<DataSource[]>('/api/datasources')
  const found = all.filter(({ type }) => type === DATA_SOURCE_TYPE)
  const chosen = found.find(({ uid }) => uid === DATA_SOURCE_UID) ?? found[0]
  return chosen && getBackendSrv().get<DataSource>(`/api/datasources/uid/${encodeURIComponent(chosen.uid)}`)
}

/** Grafana's proxy goes on with what it knew of a data source for five seconds after a change. */
const TAKEN_OVER_MS = 5500

/** Resolves when questions go to what was saved. */
export async function saveDataSource(existing: DataSource | undefined, { url, apiKey }: Connection): Promise<DataSource> {
  const secureJsonData = apiKey === '' ? {} : { secureJsonData: { apiKey } }
  if (existing) {
    await getBackendSrv().put(`/api/datasources/uid/${encodeURIComponent(existing.uid)}`, { ...existing, url, ...secureJsonData })
    await new Promise((resolve) => setTimeout(resolve, TAKEN_OVER_MS))
  } else {
    const made = { uid: DATA_SOURCE_UID, name: 'AIWatch', type: DATA_SOURCE_TYPE, access: 'proxy', url, jsonData: {}, ...secureJsonData }
    await getBackendSrv().post('/api/datasources', made)
  }
  await getBackendSrv().post(`/api/plugins/${APP_ID}/settings`, { enabled: true, pinned: true })
  const saved = await findDataSource()
  if (!saved) throw new Error(t('configuration.not-kept', 'Grafana did not keep the data source; its log says more.'))
  return saved
}

/** Asks the collector through Grafana, as the pages do. Throws a sentence that says what is wrong. */
export async function testConnection(uid: string): Promise<string> {
  const client = new AnswerClient(`/api/datasources/proxy/uid/${encodeURIComponent(uid)}`, (request) =>
    getBackendSrv().fetch({ ...request, showErrorAlert: false }),
  )
  const { collector } = await firstValueFrom(client.ask<SystemState>({ path: 'system' }))
  const { models } = await firstValueFrom(client.ask<Catalog>({ path: 'catalog' }))
  const { version } = collector
  return models.length === 0
    ? t(
        'configuration.connected-empty',
        'Connected to collector {{version}}. It has seen no call yet: the Overview says how to send some.',
        { version },
      )
    : t('configuration.connected', 'Connected to collector {{version}}. Models that it has seen: {{models}}.', {
        version,
        models: models.length,
      })
}
