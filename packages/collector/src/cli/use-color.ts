/** Colours on a terminal that shows them, unless the user wants none. https://no-color.org: set and not empty, whatever the value. */
export function useColor(): boolean {
  return Boolean(process.stdout.isTTY) && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb'
}
