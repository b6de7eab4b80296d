import { askAnswer, askMetric } from '../../panels/ask.ts'
import { chartPanel } from '../../panels/chart-panel.ts'
import { createPage as create } from '../../panels/create-page.ts'
import { chartRow, figureRow } from '../../panels/layout.ts'
import { statPanel } from '../../panels/stat-panel.ts'
import { tablePanel } from '../../panels/table-panel.ts'

const redis = (title: string, fields: string[], hasText = false) =>
  statPanel({ title, data: askAnswer('redis', 'state', { fields }), hasNames: fields.length > 1, hasText })
const system = (title: string, fields: string[], hasText = false) =>
  statPanel({ title, data: askAnswer('system', 'state', { fields }), hasNames: fields.length > 1, hasText })

export const createPage = () =>
  create({
    title: 'Redis & system',
    subTitle: 'The Redis that holds everything, the machine of the collector, and whether every call was counted.',
    path: 'system',
    refresh: '10s',
    rows: () => [
      figureRow([
        redis('Redis', ['server'], true),
        redis('Time series', ['timeseries'], true),
        redis('Memory', ['used_bytes']),
        redis('Memory used', ['used_share']),
        redis('Fragmentation', ['fragmentation_ratio']),
        redis('Commands per second', ['commands_per_second']),
        redis('Clients', ['clients']),
        redis('PING', ['latency_seconds']),
        redis('Evicted keys', ['evicted_keys']),
        system('CPU', ['cpu_share']),
        system('Memory of the machine', ['memory_used_share']),
        system('Disk', ['disk_used_share']),
        system('Network', ['received', 'sent']),
        system('Collector', ['collector_version'], true),
        system('Sampler', ['sampler'], true),
      ]),
      chartRow([
        chartPanel({
          title: 'Memory of Redis',
          data: askMetric({ metric: 'metrics:memory:redis_used', aggregation: 'max', groupBy: [], legend: 'Memory' }),
        }),
        chartPanel({
          title: 'CPU of the machine',
          data: askMetric({ metric: 'metrics:cpu:usage', aggregation: 'avg', groupBy: [], legend: 'CPU' }),
        }),
      ]),
      chartRow([
        tablePanel({ title: 'Keys by family', data: askAnswer('redis', 'keys'), gauges: ['Memory (estimate)'] }),
        tablePanel({ title: 'Slow log', data: askAnswer('redis', 'slow_log') }),
      ]),
      chartRow([
        tablePanel({ title: 'Integrity', data: askAnswer('integrity', 'counters'), description: 'Since the first write of the tenant.' }),
        tablePanel({ title: 'Writers', data: askAnswer('integrity', 'writers') }),
      ]),
    ],
  })
