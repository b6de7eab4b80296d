import type { CollectorConfig } from './config.ts'

export interface Log {
  info(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/** One JSON object per line: informational ones to standard output, errors to standard error. */
export function createLog(level: CollectorConfig['logLevel']): Log {
  const line = (name: string, message: string, fields: Record<string, unknown> = {}) =>
    `${JSON.stringify({ time: new Date().toISOString(), level: name, message, ...fields })}\n`
  return {
    info: (message, fields) => {
      if (level === 'info') process.stdout.write(line('info', message, fields))
    },
    error: (message, fields) => {
      if (level !== 'silent') process.stderr.write(line('error', message, fields))
    },
  }
}
