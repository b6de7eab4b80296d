/** The programs of the crowd: each app has a client per provider, wrapped once, as a real program would. */
import type { AIWatch } from '@aiwatch/sdk'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'

/** Whom the simulated model stands for, by the beginning of its name: the price table knows models by provider. */
const PROVIDER_OF_MODEL: readonly [prefix: string, provider: string][] = [['llama-', 'groq']]

const CLIENT_TIMEOUT_MS = 60_000

export class CrowdClients {
  private readonly watch: AIWatch
  private readonly baseURL: string
  private readonly openai = new Map<string, OpenAI>()
  private readonly anthropic = new Map<string, Anthropic>()

  /** `baseURL`: of the simulated model, with /v1. */
  constructor(watch: AIWatch, baseURL: string) {
    this.watch = watch
    this.baseURL = baseURL
  }

  openaiFor(app: string, model: string): OpenAI {
    const provider = PROVIDER_OF_MODEL.find(([prefix]) => model.startsWith(prefix))?.[1] ?? 'openai'
    return remember(this.openai, `${app}\0${provider}`, () =>
      this.watch.wrap(new OpenAI({ baseURL: this.baseURL, apiKey: 'sk-demo', timeout: CLIENT_TIMEOUT_MS }), { app, provider }),
    )
  }

  anthropicFor(app: string): Anthropic {
    // This client adds /v1 by itself.
    const baseURL = this.baseURL.replace(/\/v1\/?$/, '')
    return remember(this.anthropic, app, () =>
      this.watch.wrap(new Anthropic({ baseURL, apiKey: 'sk-demo', timeout: CLIENT_TIMEOUT_MS }), { app, provider: 'anthropic' }),
    )
  }
}

function remember<Client>(clients: Map<string, Client>, key: string, make: () => Client): Client {
  const known = clients.get(key)
  if (known) return known
  const client = make()
  clients.set(key, client)
  return client
}
