import type { IntegrityReply, RedisState, SystemState } from '@aiwatch/collector/contract'
import { t } from '../../t.ts'
import { makeFrame, UNIT } from './frame.ts'
import type { Parts } from './part.ts'

export const redisParts = {
  state: {
    title: () => t('parts.state-of-redis', 'State of Redis'),
    toFrames: (reply) => [
      makeFrame(
        'redis',
        [reply],
        [
          { name: 'server', title: t('columns.server', 'Server'), value: ({ kind, version }) => `${kind} ${version}` },
          { name: 'mode', title: t('columns.mode', 'Mode'), value: ({ mode, role }) => `${mode}, ${role}` },
          { name: 'timeseries', title: t('columns.time-series', 'Time series'), value: ({ timeseries }) => timeseries },
          {
            name: 'uptime_seconds',
            title: t('columns.uptime', 'Uptime'),
            unit: UNIT.seconds,
            value: ({ uptime_seconds }) => uptime_seconds,
          },
          {
            name: 'latency_seconds',
            title: t('columns.ping', 'PING'),
            unit: UNIT.seconds,
            value: ({ latency_seconds }) => latency_seconds,
          },
          { name: 'used_bytes', title: t('columns.memory', 'Memory'), unit: UNIT.bytes, value: ({ memory }) => memory.used_bytes },
          {
            name: 'peak_bytes',
            title: t('columns.peak-memory', 'Peak memory'),
            unit: UNIT.bytes,
            value: ({ memory }) => memory.peak_bytes,
          },
          {
            name: 'max_bytes',
            title: t('columns.memory-limit', 'Memory limit'),
            unit: UNIT.bytes,
            value: ({ memory }) => memory.max_bytes || null,
          },
          {
            name: 'used_share',
            title: t('columns.memory-used', 'Memory used'),
            unit: UNIT.share,
            min: 0,
            max: 1,
            value: ({ memory }) => (memory.max_bytes ? memory.used_share : null),
          },
          {
            name: 'fragmentation_ratio',
            title: t('columns.fragmentation', 'Fragmentation'),
            unit: UNIT.count,
            value: ({ memory }) => memory.fragmentation_ratio,
          },
          { name: 'eviction_policy', title: t('columns.eviction', 'Eviction'), value: ({ memory }) => memory.eviction_policy },
          {
            name: 'commands_per_second',
            title: t('columns.commands-per-second', 'Commands per second'),
            unit: UNIT.perSecond,
            value: (row) => row.commands_per_second,
          },
          { name: 'clients', title: t('columns.clients', 'Clients'), unit: UNIT.count, value: ({ clients }) => clients },
          {
            name: 'blocked_clients',
            title: t('columns.blocked-clients', 'Blocked clients'),
            unit: UNIT.count,
            value: ({ blocked_clients }) => blocked_clients,
          },
          {
            name: 'evicted_keys',
            title: t('columns.evicted-keys', 'Evicted keys'),
            unit: UNIT.count,
            value: ({ evicted_keys }) => evicted_keys,
          },
          {
            name: 'append_only',
            title: t('columns.append-only-file', 'Append-only file'),
            type: 'boolean',
            value: ({ persistence }) => persistence.append_only,
          },
          {
            name: 'last_save',
            title: t('columns.last-snapshot', 'Last snapshot'),
            type: 'time',
            value: ({ persistence }) => persistence.last_save,
          },
          {
            name: 'last_save_ok',
            title: t('columns.snapshot-succeeded', 'Snapshot succeeded'),
            type: 'boolean',
            value: ({ persistence }) => persistence.last_save_ok,
          },
          {
            name: 'changes_since_save',
            title: t('columns.writes-since-snapshot', 'Writes since snapshot'),
            unit: UNIT.count,
            value: ({ persistence }) => persistence.changes_since_save,
          },
        ],
      ),
    ],
  },
  keys: {
    title: () => t('parts.keys-by-family', 'Keys by family'),
    toFrames: ({ keys }) => [
      makeFrame('keys', keys, [
        { name: 'family', title: t('columns.family', 'Family'), value: ({ family }) => family },
        { name: 'description', title: t('columns.what-it-holds', 'What it holds'), value: ({ description }) => description },
        { name: 'keys', title: t('columns.keys-estimate', 'Keys (estimate)'), unit: UNIT.count, value: (row) => row.keys },
        { name: 'bytes', title: t('columns.memory-estimate', 'Memory (estimate)'), unit: UNIT.bytes, value: ({ bytes }) => bytes },
      ]),
    ],
  },
  slow_log: {
    title: () => t('parts.slow-log', 'Slow log'),
    toFrames: ({ slow_log }) => [
      makeFrame('slow_log', slow_log ?? [], [
        { name: 'at', title: t('columns.at', 'At'), type: 'time', value: ({ at }) => at },
        {
          name: 'duration_seconds',
          title: t('columns.duration', 'Duration'),
          unit: UNIT.seconds,
          value: ({ duration_seconds }) => duration_seconds,
        },
        { name: 'command', title: t('columns.command', 'Command'), value: ({ command }) => command },
        { name: 'client', title: t('columns.client', 'Client'), value: ({ client }) => client },
      ]),
    ],
  },
} satisfies Parts<RedisState>

export const systemParts = {
  state: {
    title: () => t('parts.state-of-the-machine-and-of-this-collector', 'State of the machine and of this collector'),
    toFrames: (reply) => [
      makeFrame(
        'system',
        [reply],
        [
          { name: 'host', title: t('columns.host', 'Host'), value: ({ host }) => host },
          { name: 'cpu_share', title: t('columns.cpu', 'CPU'), unit: UNIT.share, min: 0, max: 1, value: ({ cpu_share }) => cpu_share },
          { name: 'load_1m', title: t('columns.load', 'Load'), unit: UNIT.count, value: ({ load_1m }) => load_1m },
          { name: 'cores', title: t('columns.cores', 'Cores'), unit: UNIT.count, value: ({ cores }) => cores },
          {
            name: 'memory_used_share',
            title: t('columns.memory', 'Memory'),
            unit: UNIT.share,
            min: 0,
            max: 1,
            value: (row) => 1 - row.memory_available_bytes / row.memory_total_bytes,
          },
          {
            name: 'disk_used_share',
            title: t('columns.disk', 'Disk'),
            unit: UNIT.share,
            min: 0,
            max: 1,
            value: ({ disk }) => (disk ? 1 - disk.free_bytes / disk.total_bytes : null),
          },
          {
            name: 'received',
            title: t('columns.received', 'Received'),
            unit: UNIT.bytesPerSecond,
            value: ({ network }) => network?.received_bytes_per_second ?? null,
          },
          {
            name: 'sent',
            title: t('columns.sent', 'Sent'),
            unit: UNIT.bytesPerSecond,
            value: ({ network }) => network?.sent_bytes_per_second ?? null,
          },
          { name: 'collector_version', title: t('columns.collector', 'Collector'), value: ({ collector }) => collector.version },
          {
            name: 'collector_uptime_seconds',
            title: t('columns.collector-uptime', 'Collector uptime'),
            unit: UNIT.seconds,
            value: ({ collector }) => collector.uptime_seconds,
          },
          {
            name: 'collector_cpu_share',
            title: t('columns.collector-cpu', 'Collector CPU'),
            unit: UNIT.share,
            min: 0,
            value: ({ collector }) => collector.cpu_share,
          },
          {
            name: 'collector_resident_bytes',
            title: t('columns.collector-memory', 'Collector memory'),
            unit: UNIT.bytes,
            value: ({ collector }) => collector.resident_bytes,
          },
          {
            name: 'event_loop_delay_p99_seconds',
            title: t('columns.event-loop-delay-p99', 'Event loop delay p99'),
            unit: UNIT.seconds,
            value: ({ collector }) => collector.event_loop_delay_p99_seconds,
          },
          { name: 'sampler', title: t('columns.sampler', 'Sampler'), value: ({ sampler }) => sampler.status },
          { name: 'last_slot', title: t('columns.last-sample', 'Last sample'), type: 'time', value: ({ sampler }) => sampler.last_slot },
        ],
      ),
    ],
  },
} satisfies Parts<SystemState>

export const integrityParts = {
  totals: {
    title: () => t('parts.writers-and-unreadable-fields', 'Writers and unreadable fields'),
    toFrames: (reply) => [
      makeFrame(
        'totals',
        [reply],
        [
          {
            name: 'writers_48h',
            title: t('columns.writers-48-h', 'Writers, 48 h'),
            unit: UNIT.count,
            value: ({ writers_48h }) => writers_48h,
          },
          {
            name: 'corrupt_fields',
            title: t('columns.unreadable-fields', 'Unreadable fields'),
            unit: UNIT.count,
            value: ({ corrupt_fields }) => corrupt_fields,
          },
        ],
      ),
    ],
  },
  counters: {
    title: () => t('parts.what-was-applied-refused-late-and-lost', 'What was applied, refused, late and lost'),
    toFrames: ({ counters }) => [
      makeFrame('counters', Object.entries(counters), [
        { name: 'counter', title: t('columns.counter', 'Counter'), value: ([name]) => name.replaceAll('_', ' ') },
        { name: 'value', title: t('columns.count', 'Count'), unit: UNIT.count, value: ([, value]) => value },
      ]),
    ],
  },
  writers: {
    title: () => t('parts.writers', 'Writers'),
    toFrames: ({ writers }) => [
      makeFrame('writers', writers, [
        { name: 'app', title: t('columns.app', 'App'), value: ({ app }) => app },
        { name: 'origin', title: t('columns.process', 'Process'), value: ({ origin }) => origin },
        { name: 'last_sequence', title: t('columns.batches', 'Batches'), unit: UNIT.count, value: ({ last_sequence }) => last_sequence },
        { name: 'last_heard', title: t('columns.last-heard', 'Last heard'), type: 'time', value: ({ last_heard }) => last_heard },
        {
          name: 'clock_ahead_ms',
          title: t('columns.clock-ahead', 'Clock ahead'),
          unit: UNIT.milliseconds,
          value: ({ clock_ahead_ms }) => clock_ahead_ms,
        },
        { name: 'torn', title: t('columns.torn', 'Torn'), type: 'boolean', value: ({ torn }) => torn },
      ]),
    ],
  },
} satisfies Parts<IntegrityReply>
