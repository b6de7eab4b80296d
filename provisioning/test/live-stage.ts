/** A real collector on a real Redis, scraped by a real Prometheus together with the exporters, and an Alertmanager. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Collector, type CollectorOptions, startCollector } from '@aiwatch/collector'
import { freePort, type RedisServer, startRedis } from '@aiwatch/test-servers'
import {
  type Prometheus,
  type RunningProgram,
  startAlertmanager,
  startNodeExporter,
  startPrometheus,
  startRedisExporter,
} from '@aiwatch/test-servers/monitoring'
import { ALERT_RULES } from '../alerts/index.ts'
import { renderPrometheusRules } from '../files/generated-files.ts'
import { renderAlertmanagerConfig } from '../files/render-alertmanager-config.ts'
import { renderPrometheusConfig } from '../files/render-prometheus-config.ts'

export interface LiveStage {
  redis: RedisServer
  prometheus: Prometheus
  /** Absent where the stage was opened without. */
  alertmanager: RunningProgram | undefined
  startCollector(): Promise<Collector>
  stop(): Promise<void>
}

const NOTICE = 'For a test: everything each second.'

/** The lines that the file has as a comment, in use. */
const withKey = (config: string, keyFile: string) =>
  config.replace(/# authorization:\n(\s*)#( +)credentials_file: .*/, `authorization:\n$1$2credentials_file: ${keyFile}`)

function writeConfigs(work: string, targets: Parameters<typeof renderPrometheusConfig>[0]['targets'], keyFile?: string): string {
  mkdirSync(join(work, 'rules'))
  writeFileSync(join(work, 'rules', 'aiwatch.yml'), renderPrometheusRules(ALERT_RULES, { forSeconds: 0, intervalSeconds: 1 }))
  const configFile = join(work, 'prometheus.yml')
  const config = { notice: NOTICE, scrapeIntervalSeconds: 1, evaluationIntervalSeconds: 1, ...(targets ? { targets } : {}) }
  const rendered = renderPrometheusConfig(config)
  writeFileSync(configFile, keyFile === undefined ? rendered : withKey(rendered, keyFile))
  return configFile
}

function openAlertmanager(work: string): Promise<RunningProgram> {
  const configFile = join(work, 'alertmanager.yml')
  writeFileSync(configFile, renderAlertmanagerConfig({ notice: NOTICE, groupWaitSeconds: 1 }))
  return startAlertmanager({ configFile, dataDir: join(work, 'alertmanager') })
}

export interface LiveStageOptions {
  /** Default true. */
  hasAlertmanager?: boolean
  /** Holds the API key that Prometheus asks the collector with. Default: it asks with none. */
  keyFile?: string
}

export async function openLiveStage({ hasAlertmanager = true, keyFile }: LiveStageOptions = {}): Promise<LiveStage> {
  const work = mkdtempSync(join(tmpdir(), 'aiwatch-live-'))
  const redis = await startRedis()
  const collectorPort = await freePort()
  const alertmanager = hasAlertmanager ? await openAlertmanager(work) : undefined
  const [redisExporter, nodeExporter] = await Promise.all([startRedisExporter(redis.url), startNodeExporter()])
  const targets = {
    collector: `127.0.0.1:${collectorPort}`,
    redisExporter: `127.0.0.1:${redisExporter.port}`,
    nodeExporter: `127.0.0.1:${nodeExporter.port}`,
    alertmanager: `127.0.0.1:${alertmanager?.port ?? 9}`,
  }
  const configFile = writeConfigs(work, targets, keyFile)
  const prometheus = await startPrometheus({ configFile, dataDir: join(work, 'data') })
  const options: CollectorOptions = { redisUrl: redis.url, analyticsPort: collectorPort, timeseriesPort: 0, logLevel: 'silent' }
  const programs = [prometheus, redisExporter, nodeExporter, ...(alertmanager ? [alertmanager] : [])]
  return {
    redis,
    prometheus,
    alertmanager,
    startCollector: () => startCollector(options),
    stop: async () => {
      await Promise.all(programs.map((program) => program.stop()))
      await redis.stop()
      rmSync(work, { recursive: true, force: true })
    },
  }
}
