/** Ports of a start: read from the environment, checked before anything is started. */
import { createServer } from 'node:net'

/** Port from a variable, its default when unset; throws a sentence that names the variable when it is no port. */
export function readPort(variable, fallback, env = process.env) {
  const text = env[variable]
  if (text === undefined || text === '') return fallback
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`${variable} must be a port from 1 to 65535, got "${text}"`)
  return port
}

/** Why the port of the loopback address cannot be listened on, as an error code; undefined when it can. */
function whyNotListen(port) {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error) => resolve(error.code))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(undefined)))
  })
}

/** Throws one sentence that names the taken port and the variable that moves it. */
export async function assertPortsFree(ports) {
  const seen = new Map()
  for (const { name, variable, port } of ports) {
    if (seen.has(port)) throw new Error(`${variable} and ${seen.get(port)} are both ${port}; give one of them another port`)
    seen.set(port, variable)
    const code = await whyNotListen(port)
    if (code === 'EACCES') throw new Error(`this user may not listen on port ${port} (${name}); set ${variable} to a port from 1024 up`)
    if (code) throw new Error(`port ${port} for ${name} is taken; set ${variable} to a free port, or stop what uses it`)
  }
}
