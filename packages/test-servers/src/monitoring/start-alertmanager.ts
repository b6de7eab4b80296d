import { freePort } from '../free-port.ts'
import { type FoundProgram, openMonitoringProgram } from './monitoring-programs.ts'
import { type RunningProgram, startProgram } from './start-program.ts'

/** Runs the rest of its words where the folder $1 lies at $2, for them alone. */
const MOUNTED = 'mount -t tmpfs tmpfs /usr/share && mkdir -p "$2" && mount --bind "$1" "$2" && shift 2 && exec "$@"'

function commandOf({ path, templates, at }: FoundProgram): [path: string, ...args: string[]] {
  if (templates === undefined || at === undefined) return [path]
  return ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', MOUNTED, 'sh', templates, at, path]
}

/** An Alertmanager on its own: it joins no cluster. */
export async function startAlertmanager({ configFile, dataDir }: { configFile: string; dataDir: string }): Promise<RunningProgram> {
  const port = await freePort()
  const [path, ...words] = commandOf(openMonitoringProgram('prometheus-alertmanager'))
  return startProgram({
    path,
    args: [
      ...words,
      `--config.file=${configFile}`,
      `--storage.path=${dataDir}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    port,
    readyPath: '/-/ready',
  })
}
