import { freePort } from '../free-port.ts'
import { findMonitoringProgram } from './monitoring-programs.ts'
import { type RunningProgram, startProgram } from './start-program.ts'

/** An Alertmanager on its own: it joins no cluster. */
export async function startAlertmanager({ configFile, dataDir }: { configFile: string; dataDir: string }): Promise<RunningProgram> {
  const port = await freePort()
  return startProgram({
    path: findMonitoringProgram('prometheus-alertmanager'),
    args: [
      `--config.file=${configFile}`,
      `--storage.path=${dataDir}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    port,
    readyPath: '/-/ready',
  })
}
