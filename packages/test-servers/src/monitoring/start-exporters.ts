import { freePort } from '../free-port.ts'
import { findMonitoringProgram } from './monitoring-programs.ts'
import { type RunningProgram, startProgram } from './start-program.ts'

export async function startRedisExporter(redisUrl: string): Promise<RunningProgram> {
  const port = await freePort()
  return startProgram({
    path: findMonitoringProgram('prometheus-redis-exporter'),
    args: [`-redis.addr=${redisUrl}`, `-web.listen-address=127.0.0.1:${port}`],
    port,
    readyPath: '/health',
  })
}

export async function startNodeExporter(): Promise<RunningProgram> {
  const port = await freePort()
  return startProgram({
    path: findMonitoringProgram('prometheus-node-exporter'),
    args: [`--web.listen-address=127.0.0.1:${port}`],
    port,
    readyPath: '/metrics',
  })
}
