import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const MONITORING_PROGRAMS = [
  'prometheus',
  'promtool',
  'prometheus-alertmanager',
  'amtool',
  'prometheus-redis-exporter',
  'prometheus-node-exporter',
] as const
export type MonitoringProgram = (typeof MONITORING_PROGRAMS)[number]

/** `templates`: a folder that the program must find at `at`. */
export type FoundProgram = { path: string; templates?: string; at?: string }

type Found = Record<MonitoringProgram, FoundProgram | { missing: string }>

/** Set once it was looked, so that other test files of the process need not. */
const VARIABLE = 'AIWATCH_TEST_MONITORING'

function foundPrograms(): Found {
  let text = process.env[VARIABLE]
  if (!text) {
    const script = fileURLToPath(new URL('../../../../scripts/monitoring/print-programs.mjs', import.meta.url))
    text = execFileSync(process.execPath, [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    process.env[VARIABLE] = text
  }
  return JSON.parse(text) as Found
}

/** Why one of the programs cannot be had here; undefined when all can. */
export function whyNoMonitoring(programs: readonly MonitoringProgram[] = MONITORING_PROGRAMS): string | undefined {
  const found = foundPrograms()
  for (const program of programs) {
    const entry = found[program]
    if ('missing' in entry) return `${program}: ${entry.missing}`
  }
  return undefined
}

/** Path of a program. Throws an error that says why it cannot be had. */
export function findMonitoringProgram(program: MonitoringProgram): string {
  return openMonitoringProgram(program).path
}

export function openMonitoringProgram(program: MonitoringProgram): FoundProgram {
  const entry = foundPrograms()[program]
  if ('missing' in entry) throw new Error(`${program} cannot be had: ${entry.missing}`)
  return entry
}
