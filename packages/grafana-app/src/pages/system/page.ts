import { askAnswer, askMetric } from '../../panels/ask.ts'
import { chartPanel } from '../../panels/chart-panel.ts'
import { createPage as create } from '../../panels/create-page.ts'
import { chartRow, figureRow } from '../../panels/layout.ts'
import { statPanel } from '../../panels/stat-panel.ts'
import { tablePanel } from '../../panels/table-panel.ts'
import { t } from '../../t.ts'

type State = 'redis' | 'system' | 'integrity'

const figure = (state: State, title: string, fields: string[], hasText = false) =>
  statPanel({
    title,
    data: askAnswer(state, state === 'integrity' ? 'totals' : 'state', { fields }),
    hasNames: fields.length > 1,
    hasText,
  })

const redisFigures = () => [
  figure('redis', t('system.redis', 'Redis'), ['server'], true),
  figure('redis', t('system.mode', 'Mode'), ['mode'], true),
  figure('redis', t('system.timeseries', 'Time series'), ['timeseries'], true),
  figure('redis', t('system.uptime', 'Uptime'), ['uptime_seconds']),
  figure('redis', t('system.ping', 'PING'), ['latency_seconds']),
  figure('redis', t('system.memory', 'Memory, peak'), ['used_bytes', 'peak_bytes']),
  figure('redis', t('system.memory-limit', 'Memory limit'), ['max_bytes']),
  figure('redis', t('system.fragmentation', 'Fragmentation'), ['fragmentation_ratio']),
  figure('redis', t('system.eviction', 'Eviction'), ['eviction_policy'], true),
  figure('redis', t('system.evicted', 'Evicted keys'), ['evicted_keys']),
  figure('redis', t('system.commands', 'Commands/s'), ['commands_per_second']),
  figure('redis', t('system.clients', 'Clients, blocked'), ['clients', 'blocked_clients']),
  figure('redis', t('system.append-only', 'Append-only file'), ['append_only'], true),
  figure('redis', t('system.last-save', 'Last snapshot'), ['last_save'], true),
  figure('redis', t('system.last-save-ok', 'Snapshot succeeded'), ['last_save_ok'], true),
  figure('redis', t('system.changes', 'Unsaved writes'), ['changes_since_save']),
]

const machineFigures = () => [
  figure('system', t('system.host', 'Machine'), ['host'], true),
  figure('system', t('system.cpu', 'CPU'), ['cpu_share']),
  figure('system', t('system.load', 'Load, cores'), ['load_1m', 'cores']),
  figure('system', t('system.machine-memory', 'Memory in use'), ['memory_used_share']),
  figure('system', t('system.disk', 'Disk'), ['disk_used_share']),
  figure('system', t('system.network', 'Network'), ['received', 'sent']),
  figure('system', t('system.collector', 'Collector'), ['collector_version'], true),
  figure('system', t('system.collector-uptime', 'Collector uptime'), ['collector_uptime_seconds']),
  figure('system', t('system.collector-cpu', 'Collector CPU'), ['collector_cpu_share']),
  figure('system', t('system.collector-memory', 'Collector memory'), ['collector_resident_bytes']),
  figure('system', t('system.event-loop', 'Event loop delay p99'), ['event_loop_delay_p99_seconds']),
  figure('system', t('system.sampler', 'Sampler'), ['sampler'], true),
  figure('system', t('system.last-sample', 'Last sample'), ['last_slot'], true),
  figure('integrity', t('system.writers-48h', 'Writers, 48 h'), ['writers_48h']),
  figure('integrity', t('system.corrupt', 'Unreadable fields'), ['corrupt_fields']),
]

export const createPage = () =>
  create({
    title: t('system.title', 'Redis & system'),
    subTitle: t('system.subtitle', 'The Redis that holds everything, the machine of the collector, and whether every call was counted.'),
    path: 'system',
    refresh: '10s',
    help: ['redis', 'keys', 'machine', 'integrity'],
    rows: () => [
      figureRow(redisFigures()),
      figureRow(machineFigures()),
      chartRow([
        chartPanel({
          title: t('system.memory-chart', 'Memory of Redis'),
          data: askMetric({
            metric: 'metrics:memory:redis_used',
            aggregation: 'max',
            groupBy: [],
            legend: t('system.memory-legend', 'Memory'),
          }),
        }),
        chartPanel({
          title: t('system.cpu-chart', 'CPU of the machine'),
          data: askMetric({ metric: 'metrics:cpu:usage', aggregation: 'avg', groupBy: [], legend: t('system.cpu', 'CPU') }),
        }),
      ]),
      chartRow([
        tablePanel({ title: t('system.keys', 'Keys by family'), data: askAnswer('redis', 'keys'), gauges: ['bytes'] }),
        tablePanel({ title: t('system.slow-log', 'Slow log'), data: askAnswer('redis', 'slow_log') }),
      ]),
      chartRow([
        tablePanel({
          title: t('system.integrity', 'Integrity'),
          data: askAnswer('integrity', 'counters'),
          description: t('system.integrity.description', 'Since the first write of the tenant.'),
        }),
        tablePanel({ title: t('system.writers', 'Writers'), data: askAnswer('integrity', 'writers') }),
      ]),
    ],
  })
