/** Runs a script of this folder as a user would, and watches what it prints. */
import { type ChildProcess, spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export interface ScriptRun {
  child: ChildProcess
  output(): string
  /** Resolves when the output matches; rejects when the process ends before. */
  until(pattern: RegExp): Promise<void>
  ended: Promise<number | null>
}

export function runScript(script: string, args: readonly string[], env: Record<string, string>): ScriptRun {
  const child = spawn(process.execPath, [script, ...args], { cwd: root, env: { ...process.env, ...env } })
  let text = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      text += data
      for (const listener of listeners) listener()
    })
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return {
    child,
    output: () => text,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(text)) resolve()
        }
        listeners.add(look)
        look()
        ended.then((code) => reject(new Error(`ended with ${code} before ${pattern}:\n${text}`)))
      }),
    ended,
  }
}
