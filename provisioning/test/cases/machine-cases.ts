import { type RuleCase, still } from './rule-case.ts'

const OTHER = { 'up{job="other", instance="x"}': still(1) }

/** Two cores; seconds idle in each 30. */
function idle(first: number, second: number, job = 'aiwatch-node'): Record<string, string> {
  const core = (cpu: number) => `node_cpu_seconds_total{job="${job}", instance="n", mode="idle", cpu="${cpu}"}`
  return {
    [core(0)]: `0+${first}x300`,
    [core(1)]: `0+${second}x300`,
    [core(0).replace('idle', 'user')]: '0+30x300',
  }
}

const machineCpu: RuleCase[] = [
  {
    name: 'both cores taken',
    series: idle(1.5, 3),
    at: '20m',
    fires: [{ labels: { instance: 'n' }, summary: 'The CPU of n is 92.5% busy, more than 90 %.' }],
  },
  { name: 'just under', series: idle(3.1, 3.1), at: '20m', fires: [] },
  { name: 'one core of two', series: idle(0, 30), at: '20m', fires: [] },
  { name: 'too short', series: idle(0, 0), at: '9m', fires: [] },
  { name: "another's machine", series: idle(0, 0, 'shop-node'), at: '20m', fires: [] },
  { name: 'series absent', series: OTHER, at: '20m', fires: [] },
]

function memory(available: number): Record<string, string> {
  const name = (of: string) => `node_memory_${of}_bytes{job="aiwatch-node", instance="n"}`
  return { [name('MemAvailable')]: still(available), [name('MemTotal')]: still(1000) }
}

const machineMemory: RuleCase[] = [
  {
    name: 'nearly none available',
    series: memory(80),
    at: '6m',
    fires: [{ labels: { instance: 'n' }, summary: '92% of the memory of n is taken, more than 90 %.' }],
  },
  { name: 'just under', series: memory(101), at: '6m', fires: [] },
  { name: 'too short', series: memory(80), at: '4m30s', fires: [] },
  { name: 'series absent', series: OTHER, at: '6m', fires: [] },
]

function disk(available: number, { fstype = 'ext4', readonly = 0 } = {}): Record<string, string> {
  const name = (of: string) =>
    `node_filesystem_${of}{job="aiwatch-node", instance="n", device="/dev/vda", mountpoint="/", fstype="${fstype}"}`
  return { [name('avail_bytes')]: still(available), [name('size_bytes')]: still(1000), [name('readonly')]: still(readonly) }
}

const machineDisk: RuleCase[] = [
  {
    name: 'nearly full',
    series: disk(50),
    at: '6m',
    fires: [
      {
        labels: { instance: 'n', device: '/dev/vda', mountpoint: '/' },
        summary: 'The disk at / of n is 95% full, more than 90 %.',
      },
    ],
  },
  { name: 'just under', series: disk(101), at: '6m', fires: [] },
  { name: 'a file system in memory', series: disk(0, { fstype: 'tmpfs' }), at: '6m', fires: [] },
  { name: 'a read-only file system', series: disk(0, { readonly: 1 }), at: '6m', fires: [] },
  { name: 'too short', series: disk(50), at: '4m30s', fires: [] },
  { name: 'series absent', series: OTHER, at: '6m', fires: [] },
]

export const MACHINE_CASES: Record<string, RuleCase[]> = {
  'machine-cpu': machineCpu,
  'machine-memory': machineMemory,
  'machine-disk': machineDisk,
}
