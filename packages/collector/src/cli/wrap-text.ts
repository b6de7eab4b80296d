import { displayWidth, printable } from './display-width.ts'

/** The text in lines of at most `columns`, broken at spaces; a word that is longer is broken where the line ends. */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const whole of printable(text).split(' ')) {
    let word = whole
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > columns) {
      lines.push(line)
      line = ''
    }
    while (displayWidth(word) > columns) {
      let cut = word.length
      while (displayWidth(word.slice(0, cut)) > columns) cut--
      lines.push(word.slice(0, cut))
      word = word.slice(cut)
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
