/** A request through the data source's proxy in Grafana. */
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'

/** As Grafana's proxy: 502 where nobody answers, and a 401 as a 400. `headers`: what the route adds, such as the key. */
export function passOn(request: IncomingMessage, response: ServerResponse, target: string, headers: Record<string, string> = {}): void {
  const upstream = httpRequest(
    target,
    { method: request.method, headers: { ...request.headers, ...headers, host: new URL(target).host } },
    (answer) => {
      if (answer.statusCode === 401) {
        response.writeHead(400, { 'content-type': 'text/plain' }).end('Authentication to data source failed')
        answer.resume()
        return
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    },
  )
  upstream.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()))
  // A stream ends when the browser leaves it.
  response.on('close', () => upstream.destroy())
  request.pipe(upstream)
}
