/** The `top` command: asks the collector again and again and shows what it says. */
import { type Picture, readPicture } from './read-picture.ts'
import { readServerName } from './read-server-name.ts'
import { renderTop } from './render-top.ts'
import { openTerminalScreen } from './terminal-screen.ts'
import { useColor } from './use-color.ts'

export interface TopCommand {
  url: URL
  /** Between two pictures, in milliseconds. */
  intervalMs: number
  once: boolean
}

const PLAIN_COLUMNS = 80

interface Look {
  picture?: Picture
  trouble?: string
  /** The Redis behind the collector. Asked again after trouble: another may have been started. */
  server?: string | undefined
}

async function look(url: URL, last: Look): Promise<Look> {
  try {
    const known = last.trouble === undefined ? last.server : undefined
    const [picture, server] = await Promise.all([readPicture(url, process.env['AIWATCH_API_KEY']), known ?? readServerName(url)])
    return { picture, server }
  } catch (error) {
    return { picture: last.picture, trouble: (error as Error).message }
  }
}

/** Resolves after the time, or when the signal aborts. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}

async function showPlain({ url, intervalMs, once }: TopCommand, ended: AbortSignal): Promise<number> {
  const columns = process.stdout.columns ?? PLAIN_COLUMNS
  let last: Look = {}
  while (!ended.aborted) {
    // An old picture under new trouble would read as news here, so only the trouble is printed.
    last = await look(url, { server: last.server, trouble: last.trouble })
    const { picture, trouble, server } = last
    if (picture)
      process.stdout.write(`${renderTop(picture, { columns, color: useColor(), source: url.origin, server })}\n${once ? '' : '\n'}`)
    else process.stderr.write(`${trouble}${once ? '' : '; trying again'}\n`)
    if (once) return picture ? 0 : 1
    await pause(intervalMs, ended)
  }
  return 0
}

async function showLive({ url, intervalMs }: TopCommand, ended: AbortController): Promise<number> {
  const { stdout, stdin } = process
  const screen = openTerminalScreen(stdout, stdin, () => ended.abort())
  let last: Look = {}
  const draw = () => {
    const size = { columns: stdout.columns ?? PLAIN_COLUMNS, rows: stdout.rows ?? 24 }
    screen.draw(
      renderTop(last.picture, {
        ...size,
        color: useColor(),
        source: `${url.origin}  q quits`,
        server: last.server,
        trouble: last.trouble && `${last.trouble}; trying again`,
      }),
    )
  }
  stdout.on('resize', draw)
  try {
    while (!ended.signal.aborted) {
      const started = Date.now()
      last = await look(url, last)
      if (ended.signal.aborted) break
      draw()
      await pause(Math.max(100, intervalMs - (Date.now() - started)), ended.signal)
    }
  } finally {
    stdout.off('resize', draw)
    screen.close()
  }
  return 0
}

/** Runs until q, Ctrl-C or a signal; resolves with the exit code. */
export async function runTop(command: TopCommand): Promise<number> {
  const ended = new AbortController()
  const end = () => ended.abort()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  // The reader of a pipe has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  const live = process.stdout.isTTY && !command.once && process.env['TERM'] !== 'dumb'
  return live ? showLive(command, ended) : showPlain(command, ended.signal)
}
