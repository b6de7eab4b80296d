/** A port whose connections are neither made nor refused: a stopped process listens there, and its queue of connections is full. */
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Hole {
  port: number
  stop(): void
}

const LISTEN = `const server = require('node:net').createServer()
  server.listen(0, '127.0.0.1', 1, () => process.stdout.write(String(server.address().port)))`

export async function startHole(): Promise<Hole> {
  const listener = spawn(process.execPath, ['-e', LISTEN], { stdio: ['ignore', 'pipe', 'inherit'] })
  const port = await new Promise<number>((resolve) => listener.stdout.once('data', (data) => resolve(Number(data))))
  listener.kill('SIGSTOP')
  const sockets = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  // The first ones fill the queue; that the others still wait shows that it is full.
  for (let tries = 0; tries < 100 && !sockets.some((socket) => !socket.connecting); tries++) await sleep(10)
  await sleep(100)
  if (!sockets.some((socket) => socket.connecting)) throw new Error('every connection was accepted')
  const stop = () => {
    for (const socket of sockets) socket.destroy()
    listener.kill('SIGKILL')
  }
  return { port, stop }
}
