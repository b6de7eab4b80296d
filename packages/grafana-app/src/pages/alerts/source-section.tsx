/** Which Prometheus the rules ask, what it scrapes, and what to do where something is missing. */
import { LOCAL_TARGETS, renderScrapeConfigs } from '@aiwatch/provisioning/alerts'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Alert, ClipboardButton, Collapse, Combobox, Field, Icon, LinkButton, Stack, useStyles2 } from '@grafana/ui'
import { useState } from 'react'
import { EXPORTERS, type PrometheusSource } from '../../alerting/prometheus-source.ts'
import type { PageReading } from '../../alerting/read-alerting.ts'
import { t } from '../../t.ts'
import { nameExporter } from './texts.ts'

const getStyles = (theme: GrafanaTheme2) => ({
  parts: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0.5, 2), listStyle: 'none', margin: 0, padding: 0 }),
  part: css({ display: 'inline-flex', alignItems: 'center', gap: theme.spacing(0.5) }),
  code: css({ overflow: 'auto', maxHeight: 320, margin: theme.spacing(1, 0) }),
})

function ScrapeConfig({ isOpenAtFirst }: { isOpenAtFirst: boolean }) {
  const styles = useStyles2(getStyles)
  const [isOpen, setIsOpen] = useState(isOpenAtFirst)
  const text = renderScrapeConfigs(LOCAL_TARGETS)
  return (
    <Collapse label={t('alerts.source.scrape', 'What to scrape: for prometheus.yml')} isOpen={isOpen} onToggle={() => setIsOpen(!isOpen)}>
      <ClipboardButton size="sm" variant="secondary" icon="copy" getText={() => text}>
        {t('alerts.source.copy', 'Copy')}
      </ClipboardButton>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it. */}
      <pre className={styles.code} tabIndex={0}>
        {text}
      </pre>
    </Collapse>
  )
}

function Parts({ source }: { source: PrometheusSource }) {
  const styles = useStyles2(getStyles)
  return (
    <ul className={styles.parts} aria-label={t('alerts.source.parts', 'What it scrapes')}>
      {EXPORTERS.map((exporter) => {
        const jobs = source.jobs[exporter]
        return (
          <li key={exporter} className={styles.part}>
            <Icon name={jobs.length > 0 ? 'check' : 'times'} />
            {jobs.length > 0
              ? t('alerts.source.scraped', '{{exporter}} (job {{jobs}})', { exporter: nameExporter(exporter), jobs: jobs.join(', ') })
              : t('alerts.source.not-scraped', '{{exporter}}: not scraped', { exporter: nameExporter(exporter) })}
          </li>
        )
      })}
    </ul>
  )
}

function NoSource({ sources }: { sources: readonly PrometheusSource[] }) {
  return (
    <Alert
      severity="warning"
      title={
        sources.length === 0
          ? t('alerts.source.none', 'Grafana has no Prometheus data source that you may query')
          : t('alerts.source.not-collector', 'No Prometheus data source scrapes the collector')
      }
    >
      <p>
        {t(
          'alerts.source.why',
          "Rules of Grafana need a data source with a backend: a Prometheus that scrapes the collector's /metrics. Let one scrape what stands below, then add it under Connections, Data sources, Prometheus.",
        )}
      </p>
      <ul>
        {sources.map(({ uid, name, failure }) => (
          <li key={uid}>
            {failure
              ? t('alerts.source.failed', '{{name}} answers: {{failure}}', { name, failure })
              : t('alerts.source.without', '{{name}} has no metric of the collector.', { name })}
          </li>
        ))}
      </ul>
      <LinkButton href="/connections/datasources/prometheus" variant="secondary" size="sm">
        {t('alerts.source.add', 'Add a Prometheus data source')}
      </LinkButton>
    </Alert>
  )
}

export function SourceSection({ reading, onChoose }: { reading: PageReading; onChoose: (uid: string) => void }) {
  const { source, sources } = reading
  const usable = sources.filter(({ jobs }) => jobs.collector.length > 0)
  const isWhole = source && EXPORTERS.every((exporter) => source.jobs[exporter].length > 0)
  return (
    <section aria-label={t('alerts.source.label', 'Prometheus')}>
      <Stack direction="column" gap={1}>
        {!source && <NoSource sources={sources} />}
        {source && usable.length > 1 && (
          <Field noMargin label={t('alerts.source.choose', 'Rules are installed on')}>
            <Combobox
              width={32}
              aria-label={t('alerts.source.choose', 'Rules are installed on')}
              options={usable.map(({ uid, name }) => ({ value: uid, label: name }))}
              value={source.uid}
              onChange={({ value }) => onChoose(value)}
            />
          </Field>
        )}
        {source && (
          <Stack gap={2} wrap="wrap" alignItems="center">
            <strong>{t('alerts.source.name', 'Prometheus "{{name}}" scrapes', { name: source.name })}</strong>
            <Parts source={source} />
          </Stack>
        )}
        {!isWhole && <ScrapeConfig isOpenAtFirst={!source} />}
      </Stack>
    </section>
  )
}
