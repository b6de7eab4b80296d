import { createServer, type RequestListener, type Server } from 'node:http'

export interface Listening {
  url: string
  /** Takes no more requests, lets those under way end, and cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>
}

export interface ListenOptions {
  host: string
  /** 0 takes a free one. */
  port: number
  /** Name of the setting that decides the port, for the error. */
  setting: string
}

function describe(error: NodeJS.ErrnoException, { host, port, setting }: ListenOptions): string {
  if (error.code === 'EADDRINUSE') return `port ${port} on ${host} is taken: set ${setting} to another, or stop what listens there`
  if (error.code === 'EACCES') return `port ${port} on ${host} may not be used by this user: set ${setting} to one above 1023`
  return `cannot listen on ${host}:${port} (${setting}): ${error.message}`
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}

/** Throws an Error that names the setting when the port cannot be had. */
export async function listen(handler: RequestListener, options: ListenOptions): Promise<Listening> {
  const server = createServer(handler)
  // A client that sends its request byte by byte holds a connection no longer than this.
  server.requestTimeout = 10_000
  server.headersTimeout = 5000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new Error(describe(error, options))))
    server.listen(options.port, options.host, resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : options.port
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return { url: `http://${host}:${port}`, close: (graceMs) => close(server, graceMs) }
}
