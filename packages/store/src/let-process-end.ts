/** Lets a process end that has nothing left to do but a connection of ours. */
import type { Socket } from 'node:net'
import type { Redis } from 'ioredis'

/** A SYN that is lost is sent again after 1 s: its answer still counts. */
const LONGEST_IDLE_CONNECT_MS = 1500
const CHECK_EVERY_MS = 500
/** What Node lists as active for attempts to connect, and for the standard streams, which do not hold the process or do so without work. */
const NO_WORK = new Set(['ConnectWrap', 'TCPConnectWrap', 'TTYWrap', 'PipeWrap'])

interface Internals {
  connector: { connect(emit: (type: string, error: Error) => void): Promise<Socket> }
  reconnectTimeout: NodeJS.Timeout | null
}

/** `unref` on the sockets of a client, from their beginning, and on its waits between attempts. */
export function letProcessEnd(client: Redis): void {
  const internals = client as unknown as Internals
  const { connector } = internals
  const connect = connector.connect.bind(connector)
  connector.connect = (emit) =>
    connect(emit).then((stream) => {
      release(stream)
      return stream
    })
  client.on('reconnecting', () => internals.reconnectTimeout?.unref())
}

function release(stream: Socket): void {
  const unref = () => void stream.unref()
  unref()
  // A name of several addresses: each attempt has a handle of its own.
  stream.on('connectionAttempt', unref)
  stream.once('connect', unref)
  if (stream.connecting) giveUpWhenIdle(stream)
}

/** An attempt to connect holds the process in spite of `unref`: libuv waits for requests. It is given up when nothing else is under way. */
function giveUpWhenIdle(stream: Socket): void {
  let waitedMs = 0
  const timer = setInterval(() => {
    waitedMs += CHECK_EVERY_MS
    if (waitedMs < LONGEST_IDLE_CONNECT_MS || !isIdle()) return
    stream.destroy(new Error('no connection in time, and nothing else keeps the process alive'))
  }, CHECK_EVERY_MS).unref()
  const stop = () => clearInterval(timer)
  stream.once('connect', stop)
  stream.once('close', stop)
}

function isIdle(): boolean {
  return process.getActiveResourcesInfo?.().every((resource) => NO_WORK.has(resource)) ?? false
}
