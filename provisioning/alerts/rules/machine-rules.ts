/** Rules about the machines that AIWatch and its Redis run on: only those that the scrape job for them names. */
import type { AlertRule } from '../alert-rule.ts'

/** File systems that are no disk, or are another's. */
const NO_DISK = 'tmpfs|ramfs|overlay|squashfs|iso9660'

export const MACHINE_RULES: readonly AlertRule[] = [
  {
    id: 'machine-cpu',
    title: 'A machine has no CPU left',
    description: 'Share of the CPU time of all cores that was not idle in the window.',
    needs: 'node_exporter',
    unit: 'share',
    fires: 'above',
    threshold: 0.9,
    windowSeconds: 300,
    forSeconds: 600,
    severity: 'warning',
    area: 'machine',
    expression: ({ window, job }) => `1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle", ${job}}[${window}]))`,
    summary: 'The CPU of {instance} is {value} busy, more than {threshold}.',
    action: 'See what takes it; Redis works on one core, so a second program on the machine may be what starves it.',
  },
  {
    id: 'machine-memory',
    title: 'A machine has no memory left',
    description: 'Share of the memory that no program could still get.',
    needs: 'node_exporter',
    unit: 'share',
    fires: 'above',
    threshold: 0.9,
    windowSeconds: 0,
    forSeconds: 300,
    severity: 'critical',
    area: 'machine',
    expression: ({ job }) => `1 - max by (instance) (node_memory_MemAvailable_bytes{${job}} / node_memory_MemTotal_bytes{${job}})`,
    summary: '{value} of the memory of {instance} is taken, more than {threshold}.',
    action: 'A Redis that saves needs room for what changes meanwhile. Give the machine more, or move a program.',
  },
  {
    id: 'machine-disk',
    title: 'A disk is nearly full',
    description: 'Share of a disk that is taken; read-only and temporary file systems are left out.',
    needs: 'node_exporter',
    unit: 'share',
    fires: 'above',
    threshold: 0.9,
    windowSeconds: 0,
    forSeconds: 300,
    severity: 'critical',
    area: 'machine',
    expression: ({ job }) => {
      const of = `{${job}, fstype!~"${NO_DISK}"}`
      return (
        `1 - max by (instance, device, mountpoint) (node_filesystem_avail_bytes${of} / node_filesystem_size_bytes${of}) ` +
        `and on (instance, device, mountpoint) node_filesystem_readonly${of} == 0`
      )
    },
    summary: 'The disk at {mountpoint} of {instance} is {value} full, more than {threshold}.',
    action: 'A Redis that cannot write its append-only file refuses writes. Make room.',
  },
]
