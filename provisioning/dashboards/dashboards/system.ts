import type { Dashboard } from '../build/dashboard.ts'
import { chart, stat, worseFrom } from '../build/panels.ts'
import { EACH, instanceVariable, of, promql } from '../build/prometheus.ts'

/** File systems that hold no files of anybody. */
const DISK = of('fstype!~"tmpfs|ramfs|squashfs|iso9660|rootfs|devtmpfs"')
const CARD = of('device!="lo"')

const CPU_BUSY = `1 - avg by (instance) (rate(node_cpu_seconds_total${of('mode="idle"')}${EACH}))`
const MEMORY_USED = `1 - node_memory_MemAvailable_bytes${of()} / node_memory_MemTotal_bytes${of()}`
const DISK_USED = `1 - max by (instance, mountpoint) (node_filesystem_avail_bytes${DISK} / node_filesystem_size_bytes${DISK})`

export const SYSTEM: Dashboard = {
  uid: 'aiwatch-system',
  title: 'AIWatch / System',
  description: 'The machines that AIWatch and its Redis run on, as node_exporter sees them.',
  source: 'prometheus',
  tags: ['machine'],
  variables: [instanceVariable('Machine', 'node_uname_info', 'A node_exporter: one for each machine.')],
  page: { path: 'system', title: 'Redis & system' },
  sections: [
    {
      title: 'At a glance',
      panels: [
        stat({
          title: 'CPU',
          width: 8,
          description: 'Share of the busiest machine’s cores that are at work.',
          targets: [promql(`max(${CPU_BUSY})`)],
          unit: 'percentunit',
          decimals: 0,
          thresholds: worseFrom(0.7, 0.9),
        }),
        stat({
          title: 'Memory',
          width: 8,
          description: 'Share of the fullest machine’s memory that is taken; what the kernel can give back counts as free.',
          targets: [promql(`max(${MEMORY_USED})`)],
          unit: 'percentunit',
          decimals: 0,
          thresholds: worseFrom(0.75, 0.9),
        }),
        stat({
          title: 'Fullest disk',
          width: 8,
          description: 'Share that is taken. Redis needs room for its snapshot and append-only file beside the old ones.',
          targets: [promql(`max(${DISK_USED})`)],
          unit: 'percentunit',
          decimals: 0,
          thresholds: worseFrom(0.75, 0.9),
        }),
        stat({
          title: 'Load per core',
          width: 8,
          description: 'Processes that run or wait, a minute’s mean, over the cores; over 1 some wait.',
          targets: [
            promql(`max(sum by (instance) (node_load1${of()}) / count by (instance) (node_cpu_seconds_total${of('mode="idle"')}))`),
          ],
          unit: 'short',
          decimals: 2,
          thresholds: worseFrom(1, 2),
        }),
        stat({
          title: 'Up since',
          width: 8,
          description: 'Time since the youngest machine started.',
          targets: [promql(`min(node_time_seconds${of()} - node_boot_time_seconds${of()})`)],
          unit: 's',
          decimals: 0,
        }),
        stat({
          title: 'Machines',
          width: 8,
          description: 'That are chosen and answer.',
          targets: [promql(`count(node_uname_info${of()})`)],
          unit: 'short',
          decimals: 0,
        }),
      ],
    },
    {
      title: 'CPU and memory',
      panels: [
        chart({
          title: 'CPU',
          description: 'Share of all cores at work.',
          targets: [promql(CPU_BUSY, '{{instance}}')],
          unit: 'percentunit',
          min: 0,
          max: 1,
          thresholds: worseFrom(0.7, 0.9),
        }),
        chart({
          title: 'CPU by mode',
          description: 'Cores at work: in programs, in the kernel, waiting for disks (iowait), or taken by the host (steal).',
          targets: [promql(`sum by (mode) (rate(node_cpu_seconds_total${of('mode!="idle"')}${EACH}))`, '{{mode}}')],
          unit: 'short',
          min: 0,
          isStacked: true,
        }),
        chart({
          title: 'Load and cores',
          description: 'Processes that run or wait, beside the cores there are.',
          targets: [
            promql(`node_load1${of()}`, '{{instance}}, 1 min'),
            promql(`node_load5${of()}`, '{{instance}}, 5 min'),
            promql(`count by (instance) (node_cpu_seconds_total${of('mode="idle"')})`, '{{instance}}, cores'),
          ],
          unit: 'short',
          min: 0,
          style: 'lines',
        }),
        chart({
          title: 'Memory',
          description: 'Share that is taken; what the kernel can give back counts as free.',
          targets: [promql(MEMORY_USED, '{{instance}}')],
          unit: 'percentunit',
          min: 0,
          max: 1,
          thresholds: worseFrom(0.75, 0.9),
        }),
        chart({
          title: 'Memory by use',
          description: 'Programs’ own memory, files kept in memory, and what is free. Of all machines that are chosen.',
          targets: [
            promql(`sum(node_memory_AnonPages_bytes${of()})`, 'programs'),
            promql(`sum(node_memory_Cached_bytes${of()} + node_memory_Buffers_bytes${of()})`, 'files'),
            promql(`sum(node_memory_MemFree_bytes${of()})`, 'free'),
          ],
          unit: 'bytes',
          min: 0,
          isStacked: true,
        }),
        chart({
          title: 'Swap in use',
          description: 'A Redis that is swapped out answers slowly: it should have none.',
          targets: [promql(`node_memory_SwapTotal_bytes${of()} - node_memory_SwapFree_bytes${of()}`, '{{instance}}')],
          unit: 'bytes',
          min: 0,
        }),
      ],
    },
    {
      title: 'Disks',
      panels: [
        chart({
          title: 'Space taken',
          description: 'Share of each file system.',
          targets: [promql(DISK_USED, '{{instance}} {{mountpoint}}')],
          unit: 'percentunit',
          min: 0,
          max: 1,
          style: 'lines',
          thresholds: worseFrom(0.75, 0.9),
          width: 8,
        }),
        chart({
          title: 'Read and written',
          description: 'Bytes per second, by disk; those that did nothing are left out.',
          targets: [
            promql(`sum by (device) (rate(node_disk_read_bytes_total${of()}${EACH}))`, '{{device}} read'),
            promql(`sum by (device) (rate(node_disk_written_bytes_total${of()}${EACH}))`, '{{device}} written'),
          ],
          unit: 'Bps',
          min: 0,
          width: 8,
        }),
        chart({
          title: 'Time at work',
          description: 'Share of the time in which a disk had something to do. Near 1, appends of Redis wait.',
          targets: [promql(`max by (instance, device) (rate(node_disk_io_time_seconds_total${of()}${EACH}))`, '{{instance}} {{device}}')],
          unit: 'percentunit',
          min: 0,
          thresholds: worseFrom(0.7, 0.9),
          width: 8,
        }),
      ],
    },
    {
      title: 'Network and processes',
      panels: [
        chart({
          title: 'Network',
          description: 'Bytes per second, received and sent, without the loopback.',
          targets: [
            promql(`sum by (instance) (rate(node_network_receive_bytes_total${CARD}${EACH}))`, '{{instance}} received'),
            promql(`sum by (instance) (rate(node_network_transmit_bytes_total${CARD}${EACH}))`, '{{instance}} sent'),
          ],
          unit: 'Bps',
          min: 0,
          width: 8,
        }),
        chart({
          title: 'Errors and drops of the network',
          description: 'Packets per second that were broken or thrown away.',
          targets: [
            promql(
              `sum by (instance) (rate(node_network_receive_errs_total${CARD}${EACH}) + rate(node_network_transmit_errs_total${CARD}${EACH}))`,
              '{{instance}} errors',
            ),
            promql(
              `sum by (instance) (rate(node_network_receive_drop_total${CARD}${EACH}) + rate(node_network_transmit_drop_total${CARD}${EACH}))`,
              '{{instance}} drops',
            ),
          ],
          unit: 'pps',
          min: 0,
          style: 'bars',
          width: 8,
        }),
        chart({
          title: 'Processes',
          description: 'That run, and that wait for a disk.',
          targets: [
            promql(`sum by (instance) (node_procs_running${of()})`, '{{instance}} run'),
            promql(`sum by (instance) (node_procs_blocked${of()})`, '{{instance}} wait'),
          ],
          unit: 'short',
          min: 0,
          decimals: 0,
          width: 8,
        }),
      ],
    },
  ],
}
