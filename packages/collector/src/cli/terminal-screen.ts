/** A terminal in whole-screen mode: pictures replace each other in place, keys are read, and the end restores what was there. */
import type { ReadStream, WriteStream } from 'node:tty'

const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'
/** Synchronized output: terminals that know it show the frame at once, others ignore it. */
const BEGIN_FRAME = '\u001b[?2026h\u001b[H'
const END_FRAME = '\u001b[J\u001b[?2026l'
const CLEAR_TO_END_OF_LINE = '\u001b[K'
const CTRL_C = '\u0003'

export interface TerminalScreen {
  draw(picture: string): void
  close(): void
}

/** `onQuit` is called for q, Q and Ctrl-C. */
export function openTerminalScreen(output: WriteStream, input: ReadStream, onQuit: () => void): TerminalScreen {
  const onKeys = (keys: Buffer) => {
    if (/[qQ]/.test(keys.toString()) || keys.includes(CTRL_C)) onQuit()
  }
  let open = true
  output.write(ENTER)
  if (input.isTTY) {
    input.setRawMode(true)
    input.on('data', onKeys)
    input.resume()
  }
  const close = () => {
    if (!open) return
    open = false
    process.off('exit', close)
    if (input.isTTY) {
      input.off('data', onKeys)
      input.setRawMode(false)
      input.pause()
    }
    output.write(LEAVE)
  }
  // Whatever ends the process, the terminal is given back.
  process.on('exit', close)
  return {
    draw: (picture) => {
      if (open) output.write(`${BEGIN_FRAME}${picture.replaceAll('\n', `${CLEAR_TO_END_OF_LINE}\r\n`)}${CLEAR_TO_END_OF_LINE}${END_FRAME}`)
    },
    close,
  }
}
