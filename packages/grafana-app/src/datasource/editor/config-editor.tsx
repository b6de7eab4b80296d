import type { DataSourcePluginOptionsEditorProps } from '@grafana/data'
import { Field, Input, SecretInput } from '@grafana/ui'
import { t } from '../../t.ts'
import type { AIWatchOptions, AIWatchSecrets } from '../query.ts'

const WIDTH = 60

export function ConfigEditor({ options, onOptionsChange }: DataSourcePluginOptionsEditorProps<AIWatchOptions, AIWatchSecrets>) {
  const setKey = (apiKey: string | undefined) =>
    onOptionsChange({
      ...options,
      secureJsonData: { apiKey },
      secureJsonFields: { ...options.secureJsonFields, apiKey: false },
    })
  return (
    <>
      <Field
        label={t('editor.collector', 'Collector')}
        description={t('editor.collector.description', "Address of the collector's analytics port, as Grafana's server reaches it.")}
        invalid={options.url !== '' && !/^https?:\/\/[^\s/]+/.test(options.url)}
        error={t('editor.collector.error', 'Give an address that begins with http:// or https://')}
      >
        <Input
          id="aiwatch-url"
          width={WIDTH}
          value={options.url}
          placeholder="http://localhost:8081"
          onChange={({ currentTarget }) => onOptionsChange({ ...options, url: currentTarget.value.trim(), access: 'proxy' })}
        />
      </Field>
      <Field
        label={t('editor.key', 'API key')}
        description={t(
          'editor.key.description',
          "Of role read: aiwatch keys create --role read --tenant <name>. Not needed while the collector has no keys. Kept by Grafana's server; browsers never see it.",
        )}
      >
        <SecretInput
          id="aiwatch-key"
          width={WIDTH}
          isConfigured={Boolean(options.secureJsonFields?.apiKey)}
          value={options.secureJsonData?.apiKey ?? ''}
          placeholder="aiw_…"
          onReset={() => setKey('')}
          onChange={({ currentTarget }) => setKey(currentTarget.value.trim())}
        />
      </Field>
    </>
  )
}
