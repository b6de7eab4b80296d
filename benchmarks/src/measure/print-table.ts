/** Prints rows as a table that Markdown shows as one. */
export function printTable(header: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cells = [header, ...rows].map((row) => row.map(String))
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  console.log(line(cells[0] ?? []))
  console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  for (const row of cells.slice(1)) console.log(line(row))
}

/** Says whether a goal was reached; a benchmark never fails for it. */
export function printGoal(goal: string, isReached: boolean): void {
  console.log(`${isReached ? 'reached' : 'MISSED '}  ${goal}`)
}
