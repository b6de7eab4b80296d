/** The state of the machine and of this process, as `GET /v1/system` tells it. */
import { readFile, statfs } from 'node:fs/promises'
import { cpus, freemem, hostname, loadavg, totalmem } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { SystemState } from '../contract/index.ts'
import { createCpuMeter } from '../jobs/host-cpu.ts'
import { VERSION } from '../version.ts'

interface Traffic {
  received: number
  sent: number
}

/** Bytes through all interfaces but loopback since the start of the system; undefined where there is no /proc. */
async function readTraffic(): Promise<Traffic | undefined> {
  try {
    const traffic = { received: 0, sent: 0 }
    for (const line of (await readFile('/proc/net/dev', 'utf8')).split('\n').slice(2)) {
      const [name, numbers] = line.split(':')
      if (!numbers || name?.trim() === 'lo') continue
      const fields = numbers.trim().split(/\s+/).map(Number)
      traffic.received += fields[0] ?? 0
      traffic.sent += fields[8] ?? 0
    }
    return traffic
  } catch {
    return undefined
  }
}

/** What can be given to programs without swapping: Linux tells it, elsewhere it is what is free. */
async function readAvailableBytes(): Promise<number> {
  try {
    const kilobytes = /^MemAvailable:\s+(\d+)/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1]
    return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024
  } catch {
    return freemem()
  }
}

async function readDisk(path: string): Promise<SystemState['disk']> {
  try {
    const { blocks, bfree, bavail, bsize } = await statfs(path)
    // As df reckons: what is reserved for the system is neither used nor free.
    return { path, total_bytes: (blocks - bfree + bavail) * bsize, free_bytes: bavail * bsize }
  } catch {
    return null
  }
}

export interface SystemMeter {
  read(sampler: SystemState['sampler']): Promise<SystemState>
  close(): void
}

/** Shares and rates are between two readings, of which the first is now. */
export function createSystemMeter(): SystemMeter {
  const hostCpu = createCpuMeter()
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  let cpu = process.cpuUsage()
  let readAtMs = performance.now()
  let traffic = readTraffic()
  return {
    async read(sampler) {
      const elapsedSeconds = (performance.now() - readAtMs) / 1000
      const before = await traffic
      const [now, available, disk] = await Promise.all([readTraffic(), readAvailableBytes(), readDisk(process.cwd())])
      const used = process.cpuUsage(cpu)
      const p99Seconds = delay.percentile(99) / 1e9
      cpu = process.cpuUsage()
      readAtMs = performance.now()
      traffic = Promise.resolve(now)
      delay.reset()
      const rate = (name: keyof Traffic) => (now && before ? Math.max(0, (now[name] - before[name]) / Math.max(elapsedSeconds, 0.001)) : 0)
      return {
        host: hostname(),
        cpu_share: hostCpu(),
        load_1m: loadavg()[0] ?? 0,
        cores: cpus().length,
        memory_total_bytes: totalmem(),
        memory_available_bytes: available,
        disk,
        network: now && before ? { received_bytes_per_second: rate('received'), sent_bytes_per_second: rate('sent') } : null,
        collector: {
          version: VERSION,
          uptime_seconds: process.uptime(),
          cpu_share: Math.min(1, (used.user + used.system) / 1e6 / Math.max(elapsedSeconds, 0.001)),
          resident_bytes: process.memoryUsage.rss(),
          event_loop_delay_p99_seconds: Number.isFinite(p99Seconds) ? p99Seconds : null,
        },
        sampler,
      }
    },
    close: () => delay.disable(),
  }
}
