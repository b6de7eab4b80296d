import type { TraceSums } from './read-trace.ts'
import { isExact, type ReplayReport } from './run-replay.ts'

const number = new Intl.NumberFormat('en-US')

/** The report as a table for people. */
export function describeReport(report: ReplayReport): string {
  const rows = [['app', 'counted by', 'requests', 'input tokens', 'output tokens']]
  for (const { app, file, simulator, redis } of report.services) {
    rows.push([app, 'the file', ...cells(file)])
    if (simulator) rows.push(['', 'the simulator', ...cells(simulator, file)])
    rows.push(['', 'Redis', ...(redis ? cells(redis, file) : ['not known', '', ''])])
  }
  const widths = (rows[0] as string[]).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const table = rows.map((row) =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  )
  return [...table.map((line) => line.trimEnd()), '', ...remarks(report)].join('\n')
}

function cells(sums: TraceSums, expected: TraceSums = sums): string[] {
  return (['requests', 'inputTokens', 'outputTokens'] as const).map((field) => {
    return number.format(sums[field]) + (sums[field] === expected[field] ? '' : ` (${signed(sums[field] - expected[field])})`)
  })
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${number.format(value)}`
}

function remarks({ result, recorded, unacknowledged, redisError, ...rest }: ReplayReport): string[] {
  const failed = result.services.reduce((sum, service) => sum + service.failed, 0)
  const requests = rest.services.reduce((sum, { file }) => sum + file.requests, 0)
  const lines = [
    `${number.format(requests)} requests in ${result.seconds.toFixed(1)} s (${Math.round(requests / result.seconds)}/s); the SDK recorded ${number.format(recorded)}, ${number.format(unacknowledged)} of them not acknowledged`,
  ]
  if (result.behindMs > 1000)
    lines.push(`the replay fell up to ${(result.behindMs / 1000).toFixed(1)} s behind its schedule and went as fast as it could`)
  if (failed > 0)
    lines.push(`${number.format(failed)} calls failed: ${[...new Set(result.services.flatMap(({ failures }) => failures))].join('; ')}`)
  if (redisError !== undefined) lines.push(`Redis could not be asked: ${redisError}`)
  lines.push(isExact({ result, recorded, unacknowledged, redisError, ...rest }) ? 'exact: every count is the same' : 'DIFFERENT: see above')
  return lines
}
