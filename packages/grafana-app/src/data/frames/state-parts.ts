import type { IntegrityReply, RedisState, SystemState } from '@aiwatch/collector/contract'
import { makeFrame, UNIT } from './frame.ts'
import type { Parts } from './part.ts'

export const redisParts = {
  state: {
    title: 'State of Redis',
    toFrames: (reply) => [
      makeFrame(
        'redis',
        [reply],
        [
          { name: 'server', title: 'Server', value: ({ kind, version }) => `${kind} ${version}` },
          { name: 'mode', title: 'Mode', value: ({ mode, role }) => `${mode}, ${role}` },
          { name: 'timeseries', title: 'Time series', value: ({ timeseries }) => timeseries },
          { name: 'uptime_seconds', title: 'Uptime', unit: UNIT.seconds, value: ({ uptime_seconds }) => uptime_seconds },
          { name: 'latency_seconds', title: 'PING', unit: UNIT.seconds, value: ({ latency_seconds }) => latency_seconds },
          { name: 'used_bytes', title: 'Memory', unit: UNIT.bytes, value: ({ memory }) => memory.used_bytes },
          { name: 'peak_bytes', title: 'Peak memory', unit: UNIT.bytes, value: ({ memory }) => memory.peak_bytes },
          { name: 'max_bytes', title: 'Memory limit', unit: UNIT.bytes, value: ({ memory }) => memory.max_bytes || null },
          {
            name: 'used_share',
            title: 'Memory used',
            unit: UNIT.share,
            min: 0,
            max: 1,
            value: ({ memory }) => (memory.max_bytes ? memory.used_share : null),
          },
          { name: 'fragmentation_ratio', title: 'Fragmentation', unit: UNIT.count, value: ({ memory }) => memory.fragmentation_ratio },
          { name: 'eviction_policy', title: 'Eviction', value: ({ memory }) => memory.eviction_policy },
          { name: 'commands_per_second', title: 'Commands per second', unit: UNIT.perSecond, value: (row) => row.commands_per_second },
          { name: 'clients', title: 'Clients', unit: UNIT.count, value: ({ clients }) => clients },
          { name: 'blocked_clients', title: 'Blocked clients', unit: UNIT.count, value: ({ blocked_clients }) => blocked_clients },
          { name: 'evicted_keys', title: 'Evicted keys', unit: UNIT.count, value: ({ evicted_keys }) => evicted_keys },
          { name: 'append_only', title: 'Append-only file', type: 'boolean', value: ({ persistence }) => persistence.append_only },
          { name: 'last_save', title: 'Last snapshot', type: 'time', value: ({ persistence }) => persistence.last_save },
          { name: 'last_save_ok', title: 'Snapshot succeeded', type: 'boolean', value: ({ persistence }) => persistence.last_save_ok },
          {
            name: 'changes_since_save',
            title: 'Writes since snapshot',
            unit: UNIT.count,
            value: ({ persistence }) => persistence.changes_since_save,
          },
        ],
      ),
    ],
  },
  keys: {
    title: 'Keys by family',
    toFrames: ({ keys }) => [
      makeFrame('keys', keys, [
        { name: 'family', title: 'Family', value: ({ family }) => family },
        { name: 'description', title: 'What it holds', value: ({ description }) => description },
        { name: 'keys', title: 'Keys (estimate)', unit: UNIT.count, value: (row) => row.keys },
        { name: 'bytes', title: 'Memory (estimate)', unit: UNIT.bytes, value: ({ bytes }) => bytes },
      ]),
    ],
  },
  slow_log: {
    title: 'Slow log',
    toFrames: ({ slow_log }) => [
      makeFrame('slow_log', slow_log ?? [], [
        { name: 'at', title: 'At', type: 'time', value: ({ at }) => at },
        { name: 'duration_seconds', title: 'Duration', unit: UNIT.seconds, value: ({ duration_seconds }) => duration_seconds },
        { name: 'command', title: 'Command', value: ({ command }) => command },
        { name: 'client', title: 'Client', value: ({ client }) => client },
      ]),
    ],
  },
} satisfies Parts<RedisState>

export const systemParts = {
  state: {
    title: 'State of the machine and of this collector',
    toFrames: (reply) => [
      makeFrame(
        'system',
        [reply],
        [
          { name: 'host', title: 'Host', value: ({ host }) => host },
          { name: 'cpu_share', title: 'CPU', unit: UNIT.share, min: 0, max: 1, value: ({ cpu_share }) => cpu_share },
          { name: 'load_1m', title: 'Load', unit: UNIT.count, value: ({ load_1m }) => load_1m },
          { name: 'cores', title: 'Cores', unit: UNIT.count, value: ({ cores }) => cores },
          {
            name: 'memory_used_share',
            title: 'Memory',
            unit: UNIT.share,
            min: 0,
            max: 1,
            value: (row) => 1 - row.memory_available_bytes / row.memory_total_bytes,
          },
          {
            name: 'disk_used_share',
            title: 'Disk',
            unit: UNIT.share,
            min: 0,
            max: 1,
            value: ({ disk }) => (disk ? 1 - disk.free_bytes / disk.total_bytes : null),
          },
          {
            name: 'received',
            title: 'Received',
            unit: UNIT.bytesPerSecond,
            value: ({ network }) => network?.received_bytes_per_second ?? null,
          },
          { name: 'sent', title: 'Sent', unit: UNIT.bytesPerSecond, value: ({ network }) => network?.sent_bytes_per_second ?? null },
          { name: 'collector_version', title: 'Collector', value: ({ collector }) => collector.version },
          {
            name: 'collector_uptime_seconds',
            title: 'Collector uptime',
            unit: UNIT.seconds,
            value: ({ collector }) => collector.uptime_seconds,
          },
          { name: 'collector_cpu_share', title: 'Collector CPU', unit: UNIT.share, min: 0, value: ({ collector }) => collector.cpu_share },
          {
            name: 'collector_resident_bytes',
            title: 'Collector memory',
            unit: UNIT.bytes,
            value: ({ collector }) => collector.resident_bytes,
          },
          {
            name: 'event_loop_delay_p99_seconds',
            title: 'Event loop delay p99',
            unit: UNIT.seconds,
            value: ({ collector }) => collector.event_loop_delay_p99_seconds,
          },
          { name: 'sampler', title: 'Sampler', value: ({ sampler }) => sampler.status },
          { name: 'last_slot', title: 'Last sample', type: 'time', value: ({ sampler }) => sampler.last_slot },
        ],
      ),
    ],
  },
} satisfies Parts<SystemState>

export const integrityParts = {
  totals: {
    title: 'Writers and unreadable fields',
    toFrames: (reply) => [
      makeFrame(
        'totals',
        [reply],
        [
          { name: 'writers_48h', title: 'Writers, 48 h', unit: UNIT.count, value: ({ writers_48h }) => writers_48h },
          { name: 'corrupt_fields', title: 'Unreadable fields', unit: UNIT.count, value: ({ corrupt_fields }) => corrupt_fields },
        ],
      ),
    ],
  },
  counters: {
    title: 'What was applied, refused, late and lost',
    toFrames: ({ counters }) => [
      makeFrame('counters', Object.entries(counters), [
        { name: 'counter', title: 'Counter', value: ([name]) => name.replaceAll('_', ' ') },
        { name: 'value', title: 'Count', unit: UNIT.count, value: ([, value]) => value },
      ]),
    ],
  },
  writers: {
    title: 'Writers',
    toFrames: ({ writers }) => [
      makeFrame('writers', writers, [
        { name: 'app', title: 'App', value: ({ app }) => app },
        { name: 'origin', title: 'Process', value: ({ origin }) => origin },
        { name: 'last_sequence', title: 'Batches', unit: UNIT.count, value: ({ last_sequence }) => last_sequence },
        { name: 'last_heard', title: 'Last heard', type: 'time', value: ({ last_heard }) => last_heard },
        { name: 'clock_ahead_ms', title: 'Clock ahead', unit: UNIT.milliseconds, value: ({ clock_ahead_ms }) => clock_ahead_ms },
        { name: 'torn', title: 'Torn', type: 'boolean', value: ({ torn }) => torn },
      ]),
    ],
  },
} satisfies Parts<IntegrityReply>
