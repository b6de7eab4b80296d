/** A progress line on a terminal; nothing elsewhere. */
import { MEGABYTE } from './part-table.mjs'

const BAR_WIDTH = 24

/** `show(bytes)` redraws, `end()` clears the line. */
export function showProgress({ title, totalBytes, stream = process.stdout }) {
  if (!stream.isTTY) return { show: undefined, end: () => {} }
  const name = title.split(/[(,]/)[0].trim()
  return {
    show(bytes) {
      const share = Math.min(1, bytes / totalBytes)
      const bar = '█'.repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH, '░')
      const megabytes = `${(Math.min(bytes, totalBytes) / MEGABYTE).toFixed(1)} of ${(totalBytes / MEGABYTE).toFixed(1)} MB`
      stream.write(`\r\x1b[2K  ${bar} ${Math.floor(share * 100)} %  ${megabytes}  ${name}`)
    },
    end: () => stream.write('\r\x1b[2K'),
  }
}
