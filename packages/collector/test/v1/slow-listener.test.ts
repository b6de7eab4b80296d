import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import express from 'express'
import { afterEach, expect, it } from 'vitest'
import { streamQuery } from '../../src/contract/index.ts'
import { serveStream } from '../../src/stream/serve-stream.ts'
import type { Listener, StreamHub } from '../../src/stream/stream-hub.ts'

let server: Server | undefined
let socket: Socket | undefined
afterEach(() => {
  socket?.destroy()
  server?.closeAllConnections()
  server?.close()
})

/** A listener whose client reads the head of the reply and nothing more, and those that the hub was told to remove. */
async function openSlowListener(): Promise<{ listener: Listener; removed: Listener[] }> {
  const removed: Listener[] = []
  const added = new Promise<Listener>((resolve) => {
    const hub = { size: 0, add: resolve, remove: (listener: Listener) => removed.push(listener) } as unknown as StreamHub
    const app = express()
    app.get('/', (request, response) => serveStream(request, response, streamQuery.parse({}), hub))
    server = createServer(app).listen(0, '127.0.0.1')
  })
  const started = server as Server
  await new Promise((resolve) => started.once('listening', resolve))
  const client = connect((started.address() as AddressInfo).port, '127.0.0.1')
  socket = client
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await new Promise((resolve) => client.once('data', resolve))
  client.pause()
  return { listener: await added, removed }
}

it('is no longer sent to once a megabyte waits for it, and is removed when it is cut off', async () => {
  const { listener, removed } = await openSlowListener()
  const text = `data: ${'x'.repeat(64 * 1024)}\n\n`
  // The kernel takes some megabytes before anything waits here.
  let sends = 0
  while (listener.send(text) && sends < 1000) {
    sends++
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(sends).toBeLessThan(1000)
  expect(listener.send(text)).toBe(false)
  listener.cut()
  const deadline = Date.now() + 10_000
  while (removed.length === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(removed).toEqual([listener])
  expect(listener.send(text)).toBe(false)
})
