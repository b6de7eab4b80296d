import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A message of Grafana's webhook contact point, as far as tests look at it. */
export interface WebhookMessage {
  status: 'firing' | 'resolved'
  alerts: { status: string; labels: Record<string, string>; annotations: Record<string, string> }[]
}

export interface WebhookReceiver {
  url: string
  /** In the order of their coming. */
  messages: WebhookMessage[]
  close(): Promise<void>
}

/** What a webhook contact point of Grafana sends goes here. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const messages: WebhookMessage[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (part: Buffer) => {
      text += part.toString()
    })
    request.on('end', () => {
      messages.push(JSON.parse(text) as WebhookMessage)
      response.writeHead(200).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    messages,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
