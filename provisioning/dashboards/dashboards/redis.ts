import type { Dashboard } from '../build/dashboard.ts'
import { chart, stat, table, wellFrom, worseFrom } from '../build/panels.ts'
import { EACH, instanceVariable, of, promql, promqlTable, UP_TEXTS } from '../build/prometheus.ts'

const OK = { 0: { text: 'failed', color: 'red' }, 1: { text: 'ok', color: 'green' } }

export const REDIS: Dashboard = {
  uid: 'aiwatch-redis',
  title: 'AIWatch / Redis performance',
  description: 'The Redis that holds everything, as redis_exporter sees it: memory, commands, clients, keys, persistence.',
  source: 'prometheus',
  tags: ['redis'],
  variables: [instanceVariable('Exporter', 'redis_up', 'A redis_exporter: one for each Redis.')],
  page: { path: 'system', title: 'Redis & system' },
  sections: [
    {
      title: 'At a glance',
      panels: [
        stat({
          title: 'Redis',
          description: 'Whether the exporter reaches Redis.',
          targets: [promql(`min(redis_up${of()})`)],
          unit: 'none',
          thresholds: wellFrom(1),
          texts: UP_TEXTS,
        }),
        stat({
          title: 'Up since',
          description: 'Time since Redis started.',
          targets: [promql(`min(redis_uptime_in_seconds${of()})`)],
          unit: 's',
          decimals: 0,
        }),
        stat({
          title: 'Memory',
          description: 'Memory that Redis uses for data, buffers and itself.',
          targets: [promql(`sum(redis_memory_used_bytes${of()})`)],
          unit: 'bytes',
        }),
        stat({
          title: 'Commands per second',
          description: 'All commands, those of the exporter as well.',
          targets: [promql(`sum(rate(redis_commands_processed_total${of()}${EACH}))`)],
          unit: 'ops',
          decimals: 1,
        }),
        stat({
          title: 'Clients',
          description: 'Open connections; a process with the SDK holds one, a collector a few.',
          targets: [promql(`sum(redis_connected_clients${of()})`)],
          unit: 'short',
          decimals: 0,
        }),
        stat({
          title: 'Keys',
          description: 'Of all databases. AIWatch keeps a bounded number: old ones expire.',
          targets: [promql(`sum(redis_db_keys${of()})`)],
          unit: 'short',
          decimals: 0,
        }),
        stat({
          title: 'Evicted keys',
          description: 'Since Redis started. Any but 0 is data lost: set maxmemory-policy to noeviction and give it more memory.',
          targets: [promql(`sum(redis_evicted_keys_total${of()})`)],
          unit: 'short',
          decimals: 0,
          thresholds: worseFrom(1, 1),
        }),
        stat({
          title: 'Last snapshot',
          description: 'Whether the last save to disk worked. Failed: the disk may be full, or a fork found no memory.',
          targets: [promql(`min(redis_rdb_last_bgsave_status${of()})`)],
          unit: 'none',
          thresholds: wellFrom(1),
          texts: OK,
        }),
      ],
    },
    {
      title: 'Commands',
      panels: [
        chart({
          title: 'Commands per second',
          description: 'The ten commands that are called most.',
          targets: [promql(`topk(10, sum by (cmd) (rate(redis_commands_total${of()}${EACH})) > 0)`, '{{cmd}}')],
          unit: 'ops',
          min: 0,
          isStacked: true,
          calcs: ['mean', 'max'],
        }),
        chart({
          title: 'Time per command',
          description:
            'Mean time in Redis, without the network, of the ten slowest. "evalsha" is the script that applies a batch of calls; over 10 ms it holds others up.',
          targets: [
            promql(
              `topk(10, sum by (cmd) (rate(redis_commands_duration_seconds_total${of()}${EACH})) / (sum by (cmd) (rate(redis_commands_total${of()}${EACH})) > 0))`,
              '{{cmd}}',
            ),
          ],
          unit: 's',
          min: 0,
          style: 'lines',
          thresholds: worseFrom(0.01, 0.1),
          calcs: ['mean', 'max'],
        }),
        chart({
          title: 'Time in commands',
          description: 'Seconds of each second that Redis spent in commands. It runs them on one core: near 1 it is full.',
          targets: [promql(`sum by (instance) (rate(redis_commands_duration_seconds_total${of()}${EACH}))`, '{{instance}}')],
          unit: 'percentunit',
          min: 0,
          thresholds: worseFrom(0.5, 0.8),
        }),
        chart({
          title: 'Failed and rejected commands',
          description: 'Per second. Rejected ones were not run at all: out of memory, no permission, or wrong arguments.',
          targets: [
            promql(`sum(rate(redis_commands_failed_calls_total${of()}${EACH}))`, 'failed'),
            promql(`sum(rate(redis_commands_rejected_calls_total${of()}${EACH}))`, 'rejected'),
          ],
          unit: 'ops',
          min: 0,
          style: 'bars',
        }),
      ],
    },
    {
      title: 'Memory and keys',
      panels: [
        chart({
          title: 'Memory',
          description: 'Used, its peak, its part that is data, and what the operating system gave (RSS).',
          targets: [
            promql(`redis_memory_used_bytes${of()}`, 'used'),
            promql(`redis_memory_used_peak_bytes${of()}`, 'peak'),
            promql(`redis_memory_used_dataset_bytes${of()}`, 'data'),
            promql(`redis_memory_used_rss_bytes${of()}`, 'RSS'),
          ],
          unit: 'bytes',
          min: 0,
          style: 'lines',
          width: 8,
        }),
        chart({
          title: 'Share of maxmemory',
          description: 'Used memory over its limit; 0 where Redis has none (maxmemory 0). A full Redis refuses writes.',
          targets: [
            promql(
              `redis_memory_used_bytes${of()} / clamp_min(redis_memory_max_bytes${of()}, 1) * (redis_memory_max_bytes${of()} > bool 0)`,
              '{{instance}}',
            ),
          ],
          unit: 'percentunit',
          min: 0,
          max: 1,
          thresholds: worseFrom(0.75, 0.9),
          width: 8,
        }),
        chart({
          title: 'Fragmentation',
          description: 'RSS over used memory. Of a Redis that uses little it says nothing; where it uses much, over 1.5 is waste.',
          targets: [promql(`redis_mem_fragmentation_ratio${of()}`, '{{instance}}')],
          unit: 'short',
          min: 0,
          decimals: 2,
          style: 'lines',
          width: 8,
        }),
        chart({
          title: 'Keys',
          description: 'All, and those that expire, by database.',
          targets: [
            promql(`sum by (db) (redis_db_keys${of()}) > 0`, '{{db}}'),
            promql(`sum by (db) (redis_db_keys_expiring${of()}) and sum by (db) (redis_db_keys${of()}) > 0`, '{{db}}, expiring'),
          ],
          unit: 'short',
          min: 0,
          decimals: 0,
          style: 'lines',
          width: 8,
        }),
        chart({
          title: 'Expired and evicted keys',
          description: 'Per second. Expired ones are old buckets, as planned; evicted ones are data lost.',
          targets: [
            promql(`sum(rate(redis_expired_keys_total${of()}${EACH}))`, 'expired'),
            promql(`sum(rate(redis_evicted_keys_total${of()}${EACH}))`, 'evicted'),
          ],
          unit: 'ops',
          min: 0,
          style: 'bars',
          width: 8,
        }),
        chart({
          title: 'Lookups of keys',
          description: 'Per second: found, and not there.',
          targets: [
            promql(`sum(rate(redis_keyspace_hits_total${of()}${EACH}))`, 'found'),
            promql(`sum(rate(redis_keyspace_misses_total${of()}${EACH}))`, 'not there'),
          ],
          unit: 'ops',
          min: 0,
          width: 8,
        }),
      ],
    },
    {
      title: 'Clients and network',
      panels: [
        chart({
          title: 'Clients',
          description: 'Connected, and those that wait in a blocking command.',
          targets: [
            promql(`sum(redis_connected_clients${of()})`, 'connected'),
            promql(`sum(redis_blocked_clients${of()})`, 'blocked'),
            promql(`sum(redis_config_maxclients${of()})`, 'limit'),
          ],
          unit: 'short',
          min: 0,
          decimals: 0,
          style: 'lines',
          width: 8,
        }),
        chart({
          title: 'New and refused connections',
          description: 'Per second. Many new ones: a program connects for each call. Refused: the limit of clients is reached.',
          targets: [
            promql(`sum(rate(redis_connections_received_total${of()}${EACH}))`, 'new'),
            promql(`sum(rate(redis_rejected_connections_total${of()}${EACH}))`, 'refused'),
          ],
          unit: 'cps',
          min: 0,
          width: 8,
        }),
        chart({
          title: 'Network',
          description: 'Bytes per second that Redis read and wrote.',
          targets: [
            promql(`sum(rate(redis_net_input_bytes_total${of()}${EACH}))`, 'in'),
            promql(`sum(rate(redis_net_output_bytes_total${of()}${EACH}))`, 'out'),
          ],
          unit: 'Bps',
          min: 0,
          width: 8,
        }),
      ],
    },
    {
      title: 'Persistence and machine',
      panels: [
        chart({
          title: 'Changes since the last snapshot',
          description: 'What a crash would lose where there is no append-only file.',
          targets: [promql(`redis_rdb_changes_since_last_save${of()}`, '{{instance}}')],
          unit: 'short',
          min: 0,
          decimals: 0,
          width: 8,
        }),
        chart({
          title: 'CPU of Redis',
          description: 'Of one core: in the kernel and outside it. Commands run on one core.',
          targets: [
            promql(`sum(rate(redis_cpu_user_seconds_total${of()}${EACH}))`, 'user'),
            promql(`sum(rate(redis_cpu_sys_seconds_total${of()}${EACH}))`, 'system'),
          ],
          unit: 'percentunit',
          min: 0,
          isStacked: true,
          width: 8,
        }),
        table({
          title: 'Servers',
          description: 'Version, role and eviction policy of each Redis. AIWatch wants "noeviction".',
          targets: [promqlTable(`redis_instance_info${of()}`)],
          unit: 'none',
          width: 8,
          height: 8,
          transformations: [
            {
              id: 'filterFieldsByName',
              options: { include: { names: ['instance', 'redis_version', 'redis_mode', 'role', 'maxmemory_policy', 'os'] } },
            },
            {
              id: 'organize',
              options: {
                indexByName: { instance: 0, redis_version: 1, redis_mode: 2, role: 3, maxmemory_policy: 4, os: 5 },
                renameByName: {
                  instance: 'Exporter',
                  redis_version: 'Version',
                  redis_mode: 'Mode',
                  role: 'Role',
                  maxmemory_policy: 'Eviction',
                  os: 'System',
                },
              },
            },
          ],
        }),
      ],
    },
  ],
}
