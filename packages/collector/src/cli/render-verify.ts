/** The report of `aiwatch verify` as text and as JSON. */

import type { Difference } from '../analytics/verify/difference.ts'
import type { CheckResult, VerifyReport } from '../analytics/verify/verify-tenant.ts'
import { wrapText } from './wrap-text.ts'

const WIDTH = 80

type Cells = VerifyReport['cells']

function nameOfCell(cells: Cells, id: string | undefined): string {
  if (id === undefined) return ''
  const cell = cells.get(id)
  return cell ? ` of ${cell.app}/${cell.provider}/${cell.model} (cell ${id})` : ` of cell ${id}`
}

const count = (number: number, one: string) => `${number} ${one}${number === 1 ? '' : 's'}`

function checkLine({ what, compared, differences, explained }: CheckResult): string {
  const result = differences > 0 ? count(differences, 'DIFFERENCE') : 'equal'
  const more = explained > 0 ? `, ${explained} explained` : ''
  return `  ${what.padEnd(48)} ${String(compared).padStart(8)}  ${result}${more}`
}

function differenceLines(difference: Difference, cells: Cells): string[] {
  const { what, cell, metric, expected, found, keys, explained } = difference
  const head = `${what}: ${metric}${nameOfCell(cells, cell)}: expected ${expected}, found ${found} (${found > expected ? '+' : ''}${found - expected})`
  const texts = [head, ...(explained === undefined ? [] : [`explained: ${explained}`]), `look at: ${keys.join(' ')}`]
  return texts.flatMap((text, index) => wrapText(text, WIDTH - 4).map((line) => (index === 0 ? `  ${line}` : `    ${line}`)))
}

function apartLines({ integrity, calls, otherCalls, users, corruptFields }: VerifyReport): string[] {
  const lines = [
    `${count(calls, 'call')} since the beginning, ${count(users, 'user')} seen in the last 25 h (calls without a user are in no user).`,
  ]
  if (otherCalls > 0) lines.push(`${count(otherCalls, 'call')} counted as "other": more apps, providers and models than are kept apart.`)
  if (integrity.lateCalls > 0) lines.push(`${count(integrity.lateCalls, 'call')} came late and are in their own buckets.`)
  if (integrity.lateRefusedCalls > 0)
    lines.push(`${count(integrity.lateRefusedCalls, 'call')} came too late for any bucket: in the totals only.`)
  if (integrity.coarsenedRows > 0) lines.push(`${count(integrity.coarsenedRows, 'row')} of fine buckets were folded into hours by writers.`)
  if (corruptFields > 0) lines.push(`${count(corruptFields, 'field')} could not be read and are in no figure: DIFFERENCE.`)
  return lines.flatMap((line) => wrapText(line, WIDTH))
}

const listed = (shown: number, all: number) => (all > shown ? `, the first ${shown}` : '')
const sum = (checks: readonly CheckResult[], field: 'differences' | 'explained') => checks.reduce((total, check) => total + check[field], 0)

/** True when what is kept agrees with itself. */
export function isConsistent({ checks, corruptFields }: VerifyReport): boolean {
  return sum(checks, 'differences') === 0 && corruptFields === 0
}

export function renderVerify(report: VerifyReport): string {
  const { tenant, backend, checks, differences, explained, cells } = report
  const range =
    report.from === undefined ? 'no closed hour in the range' : `${count(report.hours, 'closed hour')}, ${report.from} to ${report.to}`
  const lines = [
    `AIWatch verify  tenant ${tenant}  series ${backend ?? 'none yet'}`,
    range,
    '',
    ...checks.map(checkLine),
    '',
    ...apartLines(report),
  ]
  const [differing, explainable] = [sum(checks, 'differences'), sum(checks, 'explained')]
  if (explainable > 0) lines.push('', `Explained (${explainable}${listed(explained.length, explainable)}):`)
  for (const difference of explained) lines.push(...differenceLines(difference, cells))
  if (differing > 0) lines.push('', `Differences (${differing}${listed(differences.length, differing)}):`)
  for (const difference of differences) lines.push(...differenceLines(difference, cells))
  lines.push('', isConsistent(report) ? 'Everything that was compared is equal.' : 'There are differences.')
  return lines.join('\n')
}

export function verifyToJson(report: VerifyReport): string {
  const { cells, ...rest } = report
  const named = (list: readonly Difference[]) =>
    list.map((difference) => {
      const cell = difference.cell === undefined ? undefined : cells.get(difference.cell)
      return { ...difference, ...(cell ? { app: cell.app, provider: cell.provider, model: cell.model } : {}) }
    })
  const body = { equal: isConsistent(report), ...rest, differences: named(report.differences), explained: named(report.explained) }
  return JSON.stringify(body, null, 2)
}
