import { config } from '@grafana/runtime'
import { Alert, Button, Field, Input, LinkButton, LoadingPlaceholder, SecretInput, Stack } from '@grafana/ui'
import { useEffect, useState } from 'react'
import { APP_PATH } from '../plugin-ids.ts'
import { t } from '../t.ts'
import { type DataSource, findDataSource, saveDataSource, testConnection } from './data-source-admin.ts'

type Outcome = { severity: 'success' | 'error'; text: string }

const listPages = () => ({
  overview: t('overview.title', 'Overview'),
  models: t('models.title', 'Models'),
  users: t('users.title', 'Users'),
  costs: t('costs.title', 'Costs'),
  calls: t('calls.title', 'Calls'),
  errors: t('errors.title', 'Errors'),
  latency: t('latency.title', 'Latency'),
  system: t('system.title', 'Redis & system'),
})
const WIDTH = 60
const URL_PATTERN = /^https?:\/\/[^\s/]+/

/** Grafana's own errors carry their sentence in `data`. */
function messageOf(error: unknown): string {
  const { data, message, status } = (error ?? {}) as { data?: { message?: string }; message?: string; status?: number }
  if (status === 403) return t('configuration.may-not', 'You may not change data sources (403). Ask an administrator of Grafana.')
  return data?.message ?? message ?? String(error)
}

export default function Configuration() {
  const [source, setSource] = useState<DataSource>()
  const [isLoading, setLoading] = useState(true)
  const [isBusy, setBusy] = useState(false)
  const [outcome, setOutcome] = useState<Outcome>()
  const [url, setUrl] = useState('http://localhost:8081')
  const [apiKey, setApiKey] = useState('')
  const [replacesKey, setReplacesKey] = useState(false)

  useEffect(() => {
    findDataSource()
      .then((found) => {
        setSource(found)
        if (found?.url) setUrl(found.url)
      })
      .catch((error: unknown) => setOutcome({ severity: 'error', text: messageOf(error) }))
      .finally(() => setLoading(false))
  }, [])

  const attempt = async (action: () => Promise<string>) => {
    setBusy(true)
    setOutcome(undefined)
    try {
      setOutcome({ severity: 'success', text: await action() })
    } catch (error) {
      setOutcome({ severity: 'error', text: messageOf(error) })
    }
    setBusy(false)
  }
  const saveAndTest = () =>
    attempt(async () => {
      const saved = await saveDataSource(source, { url: url.replace(/\/+$/, ''), apiKey })
      setSource(saved)
      setApiKey('')
      setReplacesKey(false)
      return testConnection(saved.uid)
    })
  const test = () => attempt(() => testConnection(source?.uid ?? ''))

  if (isLoading) return <LoadingPlaceholder text="" />
  const isProvisioned = source?.readOnly === true
  const isUrlValid = URL_PATTERN.test(url)
  return (
    <Stack direction="column" gap={2}>
      {isProvisioned && (
        <Alert
          severity="info"
          title={t('configuration.provisioned', 'The data source "{{name}}" is provisioned by a file: change its address and key there.', {
            name: source.name,
          })}
        />
      )}
      <div>
        <Field
          label={t('configuration.label.collector', 'Collector')}
          description={t('configuration.url', "Address of the collector's analytics port, as Grafana's server reaches it.")}
          invalid={!isUrlValid}
          error={t('configuration.url.error', 'Give an address that begins with http:// or https://')}
        >
          <Input
            id="aiwatch-url"
            width={WIDTH}
            value={url}
            disabled={isProvisioned}
            onChange={({ currentTarget }) => setUrl(currentTarget.value.trim())}
          />
        </Field>
        <Field
          label={t('configuration.label.key', 'API key')}
          description={t(
            'configuration.key',
            'Of role read: aiwatch keys create --role read --tenant <name>. Not needed while the collector has no keys. Grafana keeps it encrypted; browsers never see it.',
          )}
        >
          <SecretInput
            id="aiwatch-key"
            width={WIDTH}
            disabled={isProvisioned}
            isConfigured={Boolean(source?.secureJsonFields?.['apiKey']) && !replacesKey}
            value={apiKey}
            placeholder="aiw_…"
            onReset={() => setReplacesKey(true)}
            onChange={({ currentTarget }) => setApiKey(currentTarget.value.trim())}
          />
        </Field>
        <Stack gap={1}>
          {!isProvisioned && (
            <Button onClick={saveAndTest} disabled={isBusy || !isUrlValid} icon={isBusy ? 'spinner' : undefined}>
              {source ? t('configuration.save', 'Save and test') : t('configuration.connect', 'Connect and test')}
            </Button>
          )}
          {source && (
            <Button variant="secondary" onClick={test} disabled={isBusy}>
              {t('configuration.test', 'Test')}
            </Button>
          )}
        </Stack>
      </div>
      <div role="status" aria-live="polite">
        {outcome && <Alert severity={outcome.severity} title={outcome.text} />}
      </div>
      {source && (
        <Stack gap={1} wrap="wrap">
          {Object.entries(listPages()).map(([path, title]) => (
            <LinkButton key={path} variant="secondary" fill="outline" href={`${config.appSubUrl}${APP_PATH}/${path}`}>
              {title}
            </LinkButton>
          ))}
        </Stack>
      )}
    </Stack>
  )
}
