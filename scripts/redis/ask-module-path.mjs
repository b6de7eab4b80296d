/** The file from which a running Redis has loaded its TimeSeries module. */
import { createConnection } from 'node:net'

const TIMEOUT_MS = 5000

/** Sends commands in turn; resolves with all that came back until nothing more is expected. */
function askAll(url, commands) {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: hostname || '127.0.0.1', port: Number(port || 6379) })
    let text = ''
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)))
    socket.on('error', reject)
    socket.on('connect', () => socket.write(commands.map((words) => `${words}\r\n`).join('')))
    socket.on('data', (data) => (text += data))
    socket.on('close', () => resolve(text))
  })
}

/** Throws an error of one sentence that names the variable. */
export async function askModulePath(url) {
  const { username, password, protocol } = new URL(url)
  if (protocol !== 'redis:') throw new Error('AIWATCH_TEST_REDIS_TS: a URL must begin with redis://')
  const words = [username, password].filter(Boolean).map(decodeURIComponent)
  const login = password ? [`AUTH ${words.map((word) => JSON.stringify(word)).join(' ')}`] : []
  const text = await askAll(url, [...login, 'MODULE LIST', 'QUIT']).catch((error) => {
    throw new Error(`AIWATCH_TEST_REDIS_TS=${url} does not answer (${error.message})`)
  })
  const path = /timeseries[\s\S]*?\r\npath\r\n\$\d+\r\n([^\r]+)\r\n/i.exec(text)?.[1]
  if (!path) throw new Error(`AIWATCH_TEST_REDIS_TS=${url} has no TimeSeries module whose file it tells`)
  return path
}
