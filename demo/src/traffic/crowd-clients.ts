/** The programs of the crowd: each app has a client per provider, wrapped once, as a real program would. */
import type { AIWatch } from '@aiwatch/sdk'
import OpenAI from 'openai'

/** Whom the simulated model stands for, by the beginning of its name: the price table knows models by provider. */
const PROVIDER_OF_MODEL: readonly [prefix: string, provider: string][] = [['llama-', 'groq']]

const CLIENT_TIMEOUT_MS = 60_000

export class CrowdClients {
  private readonly watch: AIWatch
  private readonly baseURL: string
  private readonly clients = new Map<string, OpenAI>()

  /** `baseURL`: of the simulated model, with /v1. */
  constructor(watch: AIWatch, baseURL: string) {
    this.watch = watch
    this.baseURL = baseURL
  }

  clientFor(app: string, model: string): OpenAI {
    const provider = PROVIDER_OF_MODEL.find(([prefix]) => model.startsWith(prefix))?.[1] ?? 'openai'
    const key = `${app}\0${provider}`
    let client = this.clients.get(key)
    if (!client) {
      client = this.watch.wrap(new OpenAI({ baseURL: this.baseURL, apiKey: 'sk-demo', timeout: CLIENT_TIMEOUT_MS }), { app, provider })
      this.clients.set(key, client)
    }
    return client
  }
}
