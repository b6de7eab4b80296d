/** The findings of `aiwatch doctor` as text and as JSON. */
import { VERSION } from '../version.ts'
import type { Finding, Level } from './doctor/finding.ts'
import { wrapText } from './wrap-text.ts'

export interface FindingsHead {
  redis: string
  tenant: string
  strict: boolean
}

const LEVEL_WIDTH = 9
const INDENT = 24
const COLORS: Record<Level, string> = { ok: '\u001b[32m', warning: '\u001b[33m', problem: '\u001b[31m', unknown: '\u001b[2m' }
const RESET = '\u001b[0m'
const LEVELS: readonly Level[] = ['ok', 'warning', 'problem', 'unknown']

const countOf = (findings: readonly Finding[], level: Level) => findings.filter((finding) => finding.level === level).length

/** True when there is nothing that the exit code must tell of. */
export function isWell(findings: readonly Finding[], strict: boolean): boolean {
  return countOf(findings, 'problem') === 0 && !(strict && countOf(findings, 'warning') > 0)
}

function findingLines({ level, check, what, advice }: Finding, columns: number, color: boolean): string[] {
  const shown = level.padEnd(LEVEL_WIDTH)
  const head = `${color ? `${COLORS[level]}${shown}${RESET}` : shown}${check.padEnd(INDENT - LEVEL_WIDTH)}`
  const blank = ' '.repeat(INDENT)
  const room = Math.max(20, columns - INDENT)
  const texts = [...wrapText(what, room), ...(advice === undefined ? [] : wrapText(`-> ${advice}`, room))]
  return texts.map((text, index) => `${index === 0 ? head : blank}${text}`)
}

/** No line is wider than `columns` (at least 44). */
export function renderFindings(
  findings: readonly Finding[],
  head: FindingsHead,
  { columns, color }: { columns: number; color: boolean },
): string {
  const counts = LEVELS.map((level) => [level, countOf(findings, level)] as const).filter(([level, count]) => level === 'ok' || count > 0)
  const lines = [
    ...wrapText(`AIWatch doctor ${VERSION}  ${head.redis}  tenant ${head.tenant}`, columns),
    '',
    ...findings.flatMap((finding) => findingLines(finding, columns, color)),
    '',
    counts.map(([level, count]) => `${count} ${level}${count > 1 && (level === 'warning' || level === 'problem') ? 's' : ''}`).join(', '),
  ]
  return lines.join('\n')
}

export function findingsToJson(findings: readonly Finding[], { redis, tenant, strict }: FindingsHead): string {
  const counts = Object.fromEntries(LEVELS.map((level) => [level, countOf(findings, level)]))
  return JSON.stringify({ version: VERSION, well: isWell(findings, strict), redis, tenant, counts, findings }, null, 2)
}
