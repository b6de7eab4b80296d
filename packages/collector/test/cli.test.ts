import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { displayWidth } from '../src/cli/display-width.ts'
import { openStage, type Stage } from './run-collector.ts'
import { CallWriter, testCall } from './write-calls.ts'

const CLI = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
const environment = { ...process.env, AIWATCH_URL: '', NO_COLOR: '', TERM: 'xterm-256color' }

interface Run {
  code: number | null
  out: string
  error: string
}

interface RunOptions {
  env?: NodeJS.ProcessEnv
  /** Runs in a terminal of this size, by script(1). */
  terminal?: { columns: number; rows: number }
  /** Called with all that was printed so far; what it returns is typed. */
  react?(out: string): string | undefined
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function run(args: string[], { env, terminal, react }: RunOptions = {}): Promise<Run> {
  const command = [process.execPath, CLI, ...args]
  const child = terminal
    ? spawn(
        'script',
        ['-qec', `stty cols ${terminal.columns} rows ${terminal.rows}; ${command.map(quote).join(' ')}; stty -a`, '/dev/null'],
        {
          env: { ...environment, ...env },
        },
      )
    : spawn(command[0] as string, command.slice(1), { env: { ...environment, ...env } })
  let out = ''
  let error = ''
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString()
    const keys = react?.(out)
    if (keys === 'SIGTERM') child.kill()
    else if (keys) child.stdin.write(keys)
  })
  child.stderr.on('data', (data: Buffer) => {
    error += data.toString()
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, error })))
}

describe('aiwatch', () => {
  it('prints its help and version', async () => {
    const [help, version] = await Promise.all([run(['--help']), run(['--version'])])
    expect(help).toMatchObject({ code: 0, error: '' })
    expect(help.out).toMatch(/aiwatch top +\[--url URL\]/)
    expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it.each([
    [['dance'], /no such command: dance/],
    [[], /which command/],
    [['top', '--fast'], /--fast/],
    [['top', 'now'], /takes no "now"/],
    [['top', '--interval', '0'], /--interval must be a number of seconds/],
    [['top', '--url', 'localhost'], /--url must be an http URL/],
  ])('ends with 2 and says why for %j', async (args, reason) => {
    const { code, out, error } = await run(args)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(error).toMatch(reason)
  })
})

describe('aiwatch top', () => {
  let stage: Stage
  let url = ''
  beforeAll(async () => {
    stage = await openStage()
    url = stage.collector.analyticsUrl
    const names = ['gpt-4o', '模型'.repeat(60), '🦊'.repeat(60), '\u001b[31mred']
    await new CallWriter(stage.redis).write(names.map((name) => testCall({ endedMs: Date.now(), model: name, user: name })))
  })
  afterAll(() => stage.stop())

  it('prints one plain picture of 80 columns when not in a terminal', async () => {
    const { code, out, error } = await run(['top', '--once', '--url', url])
    expect({ code, error }).toEqual({ code: 0, error: '' })
    expect(out).not.toContain('\u001b')
    expect(out.split('\n')[0]).toMatch(/^AIWatch {2}http:\/\/127\.0\.0\.1:\d+ {2}(redis|valkey) [\d.]+ \(plain\) +\d\d:\d\d:\d\d UTC$/)
    expect(out).toMatch(/gpt-4o +1 +100 +20 +\$0\.0010/)
    expect(out).toContain('TOP USERS')
    for (const line of out.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(80)
  })

  it('prints a picture per interval until it is told to end', async () => {
    const { code, out } = await run(['top', '--interval', '0.2', '--url', url], {
      react: (text) => (text.split('AIWatch').length > 3 ? 'SIGTERM' : undefined),
    })
    expect(code).toBe(0)
    expect(out.split('AIWatch').length).toBeGreaterThan(3)
  })

  it('takes AIWATCH_URL', async () => {
    expect((await run(['top', '--once'], { env: { AIWATCH_URL: url } })).out).toContain('gpt-4o')
  })

  it('says that there is no collector, with status 1', async () => {
    const { code, out, error } = await run(['top', '--once', '--url', 'http://127.0.0.1:9'])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(error).toMatch(/no collector at http:\/\/127\.0\.0\.1:9/)
  })

  it('says that something else answers there', async () => {
    const { code, error } = await run(['top', '--once', '--url', stage.collector.timeseriesUrl])
    expect(code).toBe(1)
    expect(error).toContain('no such route: GET /analytics')
  })

  describe('in a terminal', () => {
    const frames = (out: string) => out.split('\u001b[?2026h').slice(1)

    it.each([
      ['q', 'q'],
      ['Ctrl-C', '\u0003'],
    ])('refreshes in place on the other screen, fits it, and gives the terminal back at %s', async (_name, key) => {
      let pressed = false
      const { out } = await run(['top', '--interval', '0.2', '--url', url], {
        terminal: { columns: 80, rows: 14 },
        react: (text) => {
          if (pressed || frames(text).length < 3) return undefined
          pressed = true
          return key
        },
      })
      expect(frames(out).length).toBeGreaterThanOrEqual(3)
      expect(out.startsWith('\u001b[?1049h\u001b[?25l')).toBe(true)
      expect(out).toContain('\u001b[?25h\u001b[?1049l')
      // stty -a after the end: the terminal echoes and reads lines again.
      expect(out).toMatch(/\bicanon\b/)
      expect(out).not.toMatch(/-icanon\b/)
      for (const frame of frames(out)) {
        // The terminal adds a carriage return of its own.
        const lines = (frame.split('\u001b[?2026l')[0] as string).split(/\r+\n/)
        expect(lines.length).toBeLessThanOrEqual(14)
        for (const line of lines) expect(displayWidth(stripStyles(line))).toBeLessThanOrEqual(80)
      }
      expect(frames(out)[0]).toContain('\u001b[1mAIWatch')
    })

    it('shows no colours with NO_COLOR, and goes on when the collector is away', async () => {
      let pressed = false
      const { out } = await run(['top', '--interval', '0.2', '--url', 'http://127.0.0.1:9'], {
        env: { NO_COLOR: '1' },
        terminal: { columns: 80, rows: 24 },
        react: (text) => {
          if (pressed || frames(text).length < 3) return undefined
          pressed = true
          return 'q'
        },
      })
      expect(frames(out).length).toBeGreaterThanOrEqual(3)
      for (const frame of frames(out)) expect(frame).toContain('no collector at http://127.0.0.1:9')
      expect(stylesOf(out)).toEqual([])
    })
  })
})

const ESCAPE = '\u001b'

/** Parameters of the colour and weight sequences in a text. */
function stylesOf(text: string): string[] {
  return text
    .split(`${ESCAPE}[`)
    .slice(1)
    .flatMap((part) => /^([\d;]*)m/.exec(part)?.[1] ?? [])
}

function stripStyles(line: string): string {
  return line
    .split(`${ESCAPE}[`)
    .map((part, index) => (index === 0 ? part : part.replace(/^[?\d;]*[A-Za-z]/, '')))
    .join('')
}
