/** A progress bar on a terminal, a line each ten seconds elsewhere. */
import type { ReplayProgress } from './replay-trace.ts'

const BAR_CHARACTERS = 30
const TERMINAL_EVERY_MS = 100
const PLAIN_EVERY_MS = 10_000
/** Less than this is the grain of timers, not a delay. */
const BEHIND_LEAST_MS = 500

export function progressReporter(output: NodeJS.WriteStream): { report(progress: ReplayProgress): void; end(): void } {
  const startedAt = performance.now()
  const everyMs = output.isTTY ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS
  let nextAt = startedAt + (output.isTTY ? 0 : PLAIN_EVERY_MS)
  return {
    report(progress) {
      const now = performance.now()
      if (now < nextAt && !(output.isTTY && progress.done === progress.total)) return
      nextAt = now + everyMs
      const text = describeProgress(progress, (now - startedAt) / 1000)
      output.write(output.isTTY ? `\r${text}\u001b[K` : `${text}\n`)
    },
    end() {
      if (output.isTTY) output.write('\n')
    },
  }
}

export function describeProgress({ done, total, behindMs }: ReplayProgress, seconds: number): string {
  const share = total === 0 ? 1 : done / total
  const filled = Math.floor(share * BAR_CHARACTERS)
  const bar = '#'.repeat(filled) + '.'.repeat(BAR_CHARACTERS - filled)
  const behind = behindMs >= BEHIND_LEAST_MS ? `, ${(behindMs / 1000).toFixed(1)} s behind` : ''
  return `[${bar}] ${String(Math.floor(share * 100)).padStart(3)} %  ${done}/${total}  ${Math.round(done / Math.max(seconds, 0.001))}/s${behind}`
}
