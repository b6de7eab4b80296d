/** The server: one process that answers as a model provider would. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { anthropicErrorBody, anthropicStatus } from './anthropic-error.ts'
import { ApiError, serverError } from './api-error.ts'
import { deliver } from './deliver.ts'
import { Exchange } from './exchange.ts'
import type { Ledger } from './ledger.ts'
import { readBody } from './read-body.ts'
import { responseHeaders } from './response-headers.ts'
import { route } from './routes.ts'
import { createSimulation, type Simulation, type SimulationOptions } from './simulation.ts'

export interface SimulatorOptions extends SimulationOptions {
  /** Default: a free one. It is always on the loopback interface. */
  port?: number
}

export interface Simulator {
  port: number
  /** `http://127.0.0.1:<port>`; the base URL of a client is `<url>/v1`. */
  url: string
  ledger: Ledger
  /** Resolves when no request is open: the ledger is complete then. */
  idle(): Promise<void>
  /** Cuts every connection. */
  close(): Promise<void>
}

/** Rejects when the port is taken or an option is out of range. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulation = createSimulation(options)
  const open = new Set<Promise<void>>()
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    const exchange = handleRequest(simulation, request, response).finally(() => open.delete(exchange))
    open.add(exchange)
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    ledger: simulation.ledger,
    async idle() {
      while (open.size > 0) await Promise.all(open)
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Resolves when the answer is out or the client has gone. Never rejects. */
async function handleRequest(simulation: Simulation, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const isOver = new Promise<void>((resolve) => response.once('close', resolve))
  if (request.url === '/health') sendData(response, { status: 'ok' })
  else if (request.url === '/simulator/ledger') sendLedger(simulation, request, response)
  else await handleExchange(new Exchange(simulation, request, response))
  await isOver
}

async function handleExchange(exchange: Exchange): Promise<void> {
  try {
    const body = await readBody(exchange.request)
    const routed = route(exchange, body)
    if ('answer' in routed) await deliver(exchange, routed.answer)
    else sendData(exchange.response, routed.data)
  } catch (error) {
    if (exchange.isOver) return
    if (!(error instanceof ApiError)) console.error('model simulator:', error)
    await sendError(exchange, error instanceof ApiError ? error : serverError())
  }
}

/** How long a provider takes to say no, at speed 1. */
const REFUSAL_MS = 30

async function sendError(exchange: Exchange, error: ApiError): Promise<void> {
  const { response, simulation, model, fault } = exchange
  const latencyMs = simulation.speed === 0 ? 0 : REFUSAL_MS / simulation.speed
  await exchange.waitUntil(exchange.startedAt + latencyMs)
  const isPage = error.type === 'html'
  const headers = responseHeaders(exchange)
  const isAnthropic = exchange.api === 'anthropic'
  const shape = isAnthropic ? anthropicErrorBody(error, headers[1] as string) : { error }
  const body = isPage ? `<html><body><h1>${error.status} ${error.message}</h1></body></html>` : JSON.stringify(shape)
  // A fault's own rate-limit headers take the place of the usual ones.
  const usual = headers.flatMap((value, index, list) =>
    index % 2 === 0 && !(value in error.headers) ? [value, list[index + 1] as string] : [],
  )
  const type = isPage ? 'text/html' : 'application/json'
  response.writeHead(isAnthropic ? anthropicStatus(error.status) : error.status, [
    ...usual,
    ...Object.entries(error.headers).flat(),
    'content-type',
    type,
  ])
  response.end(body)
  const kind = error.code === 'context_length_exceeded' ? 'context_length' : (fault ?? String(error.status))
  exchange.book({ model: model?.name ?? 'unknown', outcome: 'error', errorKind: kind })
}

function sendLedger(simulation: Simulation, request: IncomingMessage, response: ServerResponse): void {
  const snapshot = simulation.ledger.snapshot()
  if (request.method === 'DELETE') simulation.ledger.reset()
  sendData(response, snapshot)
}

function sendData(response: ServerResponse, data: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(data))
}
