import { connect, createServer, type Server, type Socket } from 'node:net'

export interface TcpProxyOptions {
  targetPort: number
  /** Default `127.0.0.1`. */
  targetHost?: string
  /** Port to listen on. Default: a free one. */
  port?: number
}

export interface TcpProxy {
  readonly port: number
  /** Destroys all connections that are open now; new ones are taken. */
  cut(): void
  /** Destroys every connection once its client has sent this many bytes more in all (they are forwarded); once. */
  cutAfterClientBytes(bytes: number): void
  /**
   * The next request for which `matches` is true (default: any) is forwarded, its reply is thrown away and the connection
   * destroyed, once. Resolves when that has happened: the server has then done what was asked, and the client does not know.
   */
  cutBeforeReply(matches?: (request: Buffer) => boolean): Promise<void>
  /** While on, new connections are destroyed at once; the open ones stay. */
  refuse(on: boolean): void
  /** Connections taken since the start. */
  connections(): number
  /** Connections open now. */
  openConnections(): number
  /** Times that a client began to send after it had been answered (or for the first time): a pipeline is one. */
  roundTrips(): number
  /** Bytes that clients sent, and that they were sent. */
  bytes(): { fromClients: number; toClients: number }
  close(): Promise<void>
}

interface Cut {
  matches: (request: Buffer) => boolean
  done: () => void
}

class Forwarder {
  private readonly options: TcpProxyOptions
  private readonly pairs = new Set<[client: Socket, target: Socket]>()
  private bytesUntilCut = Number.POSITIVE_INFINITY
  private pendingCut: Cut | undefined
  refusing = false
  connections = 0
  roundTrips = 0
  fromClients = 0
  toClients = 0

  constructor(options: TcpProxyOptions) {
    this.options = options
  }

  get open(): number {
    return this.pairs.size
  }

  cut(): void {
    for (const [client, target] of this.pairs) {
      client.destroy()
      target.destroy()
    }
    this.pairs.clear()
  }

  cutAfter(bytes: number): void {
    this.bytesUntilCut = bytes
  }

  cutBeforeReply(matches: (request: Buffer) => boolean): Promise<void> {
    return new Promise((done) => {
      this.pendingCut = { matches, done }
    })
  }

  take(client: Socket): void {
    if (this.refusing) {
      client.destroy()
      return
    }
    this.connections++
    const target = connect(this.options.targetPort, this.options.targetHost ?? '127.0.0.1')
    client.setNoDelay(true)
    target.setNoDelay(true)
    const pair: [Socket, Socket] = [client, target]
    this.pairs.add(pair)
    this.forward(client, target)
    const end = () => {
      this.pairs.delete(pair)
      client.destroy()
      target.destroy()
    }
    for (const socket of pair) {
      socket.on('error', end)
      socket.on('close', end)
    }
  }

  private forward(client: Socket, target: Socket): void {
    let answered = true
    let dying: Cut | undefined
    client.on('data', (data) => {
      if (answered) this.roundTrips++
      answered = false
      this.fromClients += data.length
      if (!dying && this.pendingCut?.matches(data)) {
        dying = this.pendingCut
        this.pendingCut = undefined
      }
      const allowed = Math.min(data.length, this.bytesUntilCut)
      this.bytesUntilCut -= allowed
      target.write(data.subarray(0, allowed))
      if (this.bytesUntilCut <= 0) {
        this.bytesUntilCut = Number.POSITIVE_INFINITY
        target.end()
        client.destroy()
      }
    })
    target.on('data', (data) => {
      answered = true
      if (dying) {
        client.destroy()
        target.destroy()
        dying.done()
        return
      }
      this.toClients += data.length
      client.write(data)
    })
  }
}

/** A TCP proxy on the loopback interface that can lose connections at chosen moments. */
export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const forwarder = new Forwarder(options)
  const server: Server = createServer((client) => forwarder.take(client))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  server.unref()
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cut: () => forwarder.cut(),
    cutAfterClientBytes: (bytes) => forwarder.cutAfter(bytes),
    cutBeforeReply: (matches = () => true) => forwarder.cutBeforeReply(matches),
    refuse: (on) => {
      forwarder.refusing = on
    },
    connections: () => forwarder.connections,
    openConnections: () => forwarder.open,
    roundTrips: () => forwarder.roundTrips,
    bytes: () => ({ fromClients: forwarder.fromClients, toClients: forwarder.toClients }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        forwarder.cut()
      }),
  }
}
