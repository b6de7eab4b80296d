import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../free-port.ts'
import { findMonitoringProgram } from './monitoring-programs.ts'
import { type RunningProgram, startProgram } from './start-program.ts'

export interface PrometheusSample {
  metric: Record<string, string>
  value: [timeSeconds: number, value: string]
}

export interface PrometheusAlert {
  labels: Record<string, string>
  annotations: Record<string, string>
  state: 'pending' | 'firing'
}

export interface Prometheus extends RunningProgram {
  /** Answer of an instant query. */
  query(expression: string): Promise<PrometheusSample[]>
  alerts(): Promise<PrometheusAlert[]>
}

/** A Prometheus with this configuration file; its data lie in `dataDir`. */
export async function startPrometheus({ configFile, dataDir }: { configFile: string; dataDir: string }): Promise<Prometheus> {
  const port = await freePort()
  const program = await startProgram({
    path: findMonitoringProgram('prometheus'),
    args: [`--config.file=${configFile}`, `--storage.tsdb.path=${dataDir}`, `--web.listen-address=127.0.0.1:${port}`],
    port,
    readyPath: '/-/ready',
  })
  const ask = async <Answer>(path: string): Promise<Answer> => {
    const response = await fetch(`${program.url}/api/v1/${path}`)
    const body = (await response.json()) as { status: string; error?: string; data: Answer }
    if (body.status !== 'success') throw new Error(`Prometheus answered ${body.error}`)
    return body.data
  }
  return {
    ...program,
    query: async (expression) =>
      (await ask<{ result: PrometheusSample[] }>(`query?${new URLSearchParams({ query: expression }).toString()}`)).result,
    alerts: async () => (await ask<{ alerts: PrometheusAlert[] }>('alerts')).alerts,
  }
}

/** Calls again every 200 ms until `isRight`, for at most `timeoutMs`; returns the last value. */
export async function waitUntil<Value>(read: () => Promise<Value>, isRight: (value: Value) => boolean, timeoutMs = 45_000): Promise<Value> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await read()
    if (isRight(value) || Date.now() > deadline) return value
    await sleep(200)
  }
}
