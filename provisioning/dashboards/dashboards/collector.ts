import type { Dashboard } from '../build/dashboard.ts'
import { chart, stat, table, wellFrom, worseFrom } from '../build/panels.ts'
import { EACH, instanceVariable, of, promql, promqlTable, UP_TEXTS } from '../build/prometheus.ts'

const p95 = (histogram: string, label: string, matcher?: string) =>
  `histogram_quantile(0.95, sum by (le, ${label}) (rate(${histogram}_bucket${of(matcher)}${EACH})))`

/** Every collector says the same of what Redis holds: each figure counts once. */
const once = (series: string, labels: string) => `max by (${labels}) (rate(${series}${of()}${EACH}))`
const LOSSES = 'lost_calls|dropped_calls|refused_operations|torn_writers|gap_batches|late_refused_calls'

export const COLLECTOR: Dashboard = {
  uid: 'aiwatch-collector',
  title: 'AIWatch / Collectors',
  description: 'Whether AIWatch counts every call and answers quickly: the collectors’ own metrics.',
  source: 'prometheus',
  tags: ['collector'],
  variables: [instanceVariable('Collector', 'token_analytics_redis_up', 'Collectors that Prometheus scrapes.')],
  page: { path: 'system', title: 'Redis & system' },
  sections: [
    {
      title: 'At a glance',
      panels: [
        stat({
          title: 'Collectors',
          description: 'That are chosen and answer Prometheus.',
          targets: [promql(`count(token_analytics_redis_up${of()})`)],
          unit: 'short',
          decimals: 0,
        }),
        stat({
          title: 'Redis',
          description: 'Whether every collector reaches Redis. Down: programs keep counting in memory meanwhile.',
          targets: [promql(`min(token_analytics_redis_up${of()})`)],
          unit: 'none',
          thresholds: wellFrom(1),
          texts: UP_TEXTS,
        }),
        stat({
          title: 'PING of Redis',
          description: 'Slowest of the collectors.',
          targets: [promql(`max(token_analytics_redis_ping_seconds${of()})`)],
          unit: 's',
          thresholds: worseFrom(0.05, 0.5),
        }),
        stat({
          title: 'Age of the newest sample',
          description: 'The sampler writes each 30 s. Older than 2 minutes: GET /health of a collector says what keeps it.',
          targets: [promql(`min(token_analytics_sample_age_seconds${of()})`)],
          unit: 's',
          decimals: 0,
          thresholds: worseFrom(60, 120),
        }),
        stat({
          title: 'Calls per second',
          description: 'That programs recorded.',
          targets: [promql(`sum(${once('token_analytics_calls_total', 'tenant, app, provider, model, outcome')})`)],
          unit: 'reqps',
          decimals: 2,
        }),
        stat({
          title: 'Calls lost, since the beginning',
          description: 'Known to be lost, dropped because a buffer was full, or refused as too late. Should be 0.',
          targets: [
            promql(
              `sum(max by (tenant, counter) (token_analytics_integrity_total${of('counter=~"lost_calls|dropped_calls|late_refused_calls"')}))`,
            ),
          ],
          unit: 'short',
          decimals: 0,
          thresholds: worseFrom(1, 1),
        }),
        stat({
          title: 'Torn writers, since the beginning',
          description: 'Processes whose batches have a hole. "aiwatch doctor" names them. Should be 0.',
          targets: [promql(`sum(max by (tenant) (token_analytics_integrity_total${of('counter="torn_writers"')}))`)],
          unit: 'short',
          decimals: 0,
          thresholds: worseFrom(1, 1),
        }),
        stat({
          title: 'Failed Redis operations',
          description: 'Share of the collectors’ operations.',
          targets: [
            promql(
              `1 - sum(rate(redis_timeseries_operations_total${of('status="success"')}${EACH})) / sum(rate(redis_timeseries_operations_total${of()}${EACH}))`,
            ),
          ],
          unit: 'percentunit',
          decimals: 2,
          thresholds: worseFrom(0.001, 0.01),
        }),
      ],
    },
    {
      title: 'Counting',
      panels: [
        chart({
          title: 'Batches applied per second',
          description:
            'A process sends its calls in batches; each is applied once. Duplicates and resent ones were recognised, and changed nothing.',
          targets: [
            promql(
              `sum by (counter) (max by (tenant, counter) (rate(token_analytics_integrity_total${of('counter=~"applied_batches|duplicate_batches|resent_batches"')}${EACH})))`,
              '{{counter}}',
            ),
          ],
          unit: 'ops',
          min: 0,
          width: 8,
        }),
        chart({
          title: 'Losses',
          description: 'Increase in a bucket. Anything here means that figures are too low; "aiwatch doctor" tells more.',
          targets: [
            promql(
              `sum by (counter) (max by (tenant, counter) (increase(token_analytics_integrity_total${of(`counter=~"${LOSSES}"`)}${EACH})))`,
              '{{counter}}',
            ),
          ],
          unit: 'short',
          min: 0,
          style: 'bars',
          isStacked: true,
          width: 8,
        }),
        table({
          title: 'Integrity, since the beginning',
          description: 'Batches for the counters named so; calls or rows for the others.',
          targets: [promqlTable(`max by (counter) (token_analytics_integrity_total${of()})`)],
          unit: 'short',
          width: 8,
          height: 8,
          sortBy: 'Count',
          transformations: [
            { id: 'organize', options: { excludeByName: { Time: true }, renameByName: { counter: 'Counter', Value: 'Count' } } },
          ],
        }),
      ],
    },
    {
      title: 'Redis operations of the collectors',
      panels: [
        chart({
          title: 'Operations per second',
          description: 'What collectors ask of Redis: reads for pages, the sampler, Prometheus’ own scrapes ("exposition").',
          targets: [promql(`sum by (operation) (rate(redis_timeseries_operations_total${of()}${EACH}))`, '{{operation}}')],
          unit: 'ops',
          min: 0,
          isStacked: true,
          width: 8,
        }),
        chart({
          title: 'Time per operation, p95',
          description: 'With the network; from the buckets of the histogram.',
          targets: [promql(p95('redis_timeseries_operation_duration_seconds', 'operation'), '{{operation}}')],
          unit: 's',
          min: 0,
          style: 'lines',
          thresholds: worseFrom(0.25, 1),
          width: 8,
        }),
        chart({
          title: 'Operations by outcome',
          description: 'Per second.',
          targets: [promql(`sum by (status) (rate(redis_timeseries_operations_total${of()}${EACH}))`, '{{status}}')],
          unit: 'ops',
          min: 0,
          isStacked: true,
          width: 8,
        }),
      ],
    },
    {
      title: 'HTTP requests to the collectors',
      panels: [
        chart({
          title: 'Requests per second',
          description: 'By route. Those that read a stream count when they end.',
          targets: [promql(`sum by (http_route) (rate(http_server_request_duration_seconds_count${of()}${EACH}))`, '{{http_route}}')],
          unit: 'reqps',
          min: 0,
          isStacked: true,
          width: 8,
        }),
        chart({
          title: 'Time per request, p95',
          description: 'Until the answer was sent; from the buckets of the histogram. Without streams.',
          targets: [promql(p95('http_server_request_duration_seconds', 'http_route', 'http_route!="/v1/stream"'), '{{http_route}}')],
          unit: 's',
          min: 0,
          style: 'lines',
          thresholds: worseFrom(0.25, 1),
          width: 8,
        }),
        chart({
          title: 'Requests by status',
          description: 'Per second.',
          targets: [
            promql(
              `sum by (http_response_status_code) (rate(http_server_request_duration_seconds_count${of()}${EACH}))`,
              '{{http_response_status_code}}',
            ),
          ],
          unit: 'reqps',
          min: 0,
          isStacked: true,
          width: 8,
        }),
      ],
    },
    {
      title: 'Processes of the collectors',
      panels: [
        chart({
          title: 'CPU',
          description: 'Of one core.',
          targets: [promql(`rate(process_cpu_seconds_total${of()}${EACH}) and on (instance) token_analytics_redis_up`, '{{instance}}')],
          unit: 'percentunit',
          min: 0,
          width: 8,
        }),
        chart({
          title: 'Memory',
          description: 'Resident, and the part that JavaScript uses.',
          targets: [
            promql(`process_resident_memory_bytes${of()} and on (instance) token_analytics_redis_up`, '{{instance}} resident'),
            promql(`nodejs_heap_size_used_bytes${of()}`, '{{instance}} heap'),
          ],
          unit: 'bytes',
          min: 0,
          style: 'lines',
          width: 8,
        }),
        chart({
          title: 'Event loop delay',
          description: 'How late the process gets to its work; over 100 ms it is overloaded.',
          targets: [
            promql(`nodejs_eventloop_lag_p50_seconds${of()}`, '{{instance}} p50'),
            promql(`nodejs_eventloop_lag_p99_seconds${of()}`, '{{instance}} p99'),
          ],
          unit: 's',
          min: 0,
          style: 'lines',
          thresholds: worseFrom(0.1, 0.5),
          width: 8,
        }),
        chart({
          title: 'Garbage collection',
          description: 'Share of the time, by kind.',
          targets: [promql(`sum by (instance, kind) (rate(nodejs_gc_duration_seconds_sum${of()}${EACH}))`, '{{instance}} {{kind}}')],
          unit: 'percentunit',
          min: 0,
          isStacked: true,
          width: 8,
        }),
        chart({
          title: 'Open files and sockets',
          description: 'Dashboards that are open hold a connection each.',
          targets: [promql(`process_open_fds${of()} and on (instance) token_analytics_redis_up`, '{{instance}}')],
          unit: 'short',
          min: 0,
          decimals: 0,
          style: 'lines',
          width: 8,
        }),
        chart({
          title: 'Time of a scrape',
          description: 'How long a collector takes to answer Prometheus.',
          targets: [promql(`scrape_duration_seconds${of()} and on (instance) token_analytics_redis_up`, '{{instance}}')],
          unit: 's',
          min: 0,
          style: 'lines',
          thresholds: worseFrom(1, 5),
          width: 8,
        }),
      ],
    },
  ],
}
