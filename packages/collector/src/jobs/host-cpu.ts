import { cpus } from 'node:os'

interface CpuTimes {
  busy: number
  total: number
}

function readCpuTimes(): CpuTimes {
  let busy = 0
  let total = 0
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq
    busy += all - times.idle
    total += all
  }
  return { busy, total }
}

/** Share of CPU time used between two readings, 0–1; 0 when no time has passed. */
export function cpuShare(before: CpuTimes, after: CpuTimes): number {
  const total = after.total - before.total
  return total > 0 ? Math.min(1, Math.max(0, (after.busy - before.busy) / total)) : 0
}

/** Measures the host's CPU from one call to the next; the first call measures from now on. */
export function createCpuMeter(): () => number {
  let before = readCpuTimes()
  return () => {
    const after = readCpuTimes()
    const share = cpuShare(before, after)
    before = after
    return share
  }
}
