/** Which provider answers at a host, and whether it can be asked for usage in streams. */
import type { Dialect } from './dialect.ts'

/** Hosts by exact name or, with a leading dot, by suffix. Names are OpenTelemetry's where it has one. */
const PROVIDER_OF_HOST: readonly (readonly [host: string, provider: string])[] = [
  ['api.openai.com', 'openai'],
  ['.api.openai.com', 'openai'],
  ['.openai.azure.com', 'azure.ai.openai'],
  ['.cognitiveservices.azure.com', 'azure.ai.openai'],
  ['.services.ai.azure.com', 'azure.ai.inference'],
  ['models.inference.ai.azure.com', 'azure.ai.inference'],
  ['api.groq.com', 'groq'],
  ['api.mistral.ai', 'mistral_ai'],
  ['api.deepseek.com', 'deepseek'],
  ['api.x.ai', 'x_ai'],
  ['.api.x.ai', 'x_ai'],
  ['api.perplexity.ai', 'perplexity'],
  ['openrouter.ai', 'openrouter'],
  ['api.together.xyz', 'together'],
  ['api.together.ai', 'together'],
  ['api.fireworks.ai', 'fireworks'],
  ['api.cerebras.ai', 'cerebras'],
  ['api.moonshot.ai', 'moonshot_ai'],
  ['api.moonshot.cn', 'moonshot_ai'],
  ['api.anthropic.com', 'anthropic'],
  ['api.cohere.com', 'cohere'],
  ['api.cohere.ai', 'cohere'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['.aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['.ml.cloud.ibm.com', 'ibm.watsonx.ai'],
  ['.cloud.databricks.com', 'databricks'],
  ['.azuredatabricks.net', 'databricks'],
  ['.gcp.databricks.com', 'databricks'],
]

/** The name for hosts that are not in the table: gateways and servers of one's own. */
export const UNKNOWN_PROVIDER = 'openai_compatible'

const OLLAMA_PORT = '11434'

function matchHost(host: string): string | undefined {
  if (host.endsWith('-aiplatform.googleapis.com')) return 'gcp.vertex_ai'
  if (host.startsWith('bedrock') && (host.endsWith('.amazonaws.com') || host.endsWith('.api.aws'))) return 'aws.bedrock'
  for (const [name, provider] of PROVIDER_OF_HOST) {
    if (name.startsWith('.') ? host.endsWith(name) : host === name) return provider
  }
  return undefined
}

/** Provider at a host with optional port, e.g. `api.openai.com` or `localhost:11434`. */
export function providerOfHost(host: string): string {
  const colon = host.lastIndexOf(':')
  const hasPort = colon > host.lastIndexOf(']')
  const name = (hasPort ? host.slice(0, colon) : host).toLowerCase()
  return matchHost(name) ?? (hasPort && host.slice(colon + 1) === OLLAMA_PORT ? 'ollama' : UNKNOWN_PROVIDER)
}

/** The provider of requests in this dialect at a host: hosts that are not in the table are named by what they speak. */
export function providerOf(host: string, dialect: Dialect): string {
  const provider = providerOfHost(host)
  return provider === UNKNOWN_PROVIDER ? (dialect.unknownProvider ?? UNKNOWN_PROVIDER) : provider
}

/** True for gateways and servers of one's own. */
export function isUnknownProvider(provider: string, dialect: Dialect): boolean {
  return provider === UNKNOWN_PROVIDER || provider === dialect.unknownProvider
}

/** How usage comes into the stream of a provider. */
export interface StreamUsagePolicy {
  /** Set `stream_options.include_usage` where the caller left it open. */
  ask: boolean
  /** Cut the extra event that came because we asked. */
  hide: boolean
}

const ASK_AND_HIDE: StreamUsagePolicy = { ask: true, hide: true }
const LEAVE: StreamUsagePolicy = { ask: false, hide: false }

const POLICY_OF_PROVIDER: Record<string, StreamUsagePolicy> = {
  // Send usage with the last chunk unasked; Mistral refuses fields that it does not know.
  groq: LEAVE,
  mistral_ai: LEAVE,
  perplexity: LEAVE,
  // Refuses `include_usage`.
  databricks: LEAVE,
  // Its own page says that usage is always sent, others that it must be asked for: ask, but hide nothing that may be sent anyway.
  openrouter: { ask: true, hide: false },
}

/** The first Azure API version that takes `stream_options`; older ones answer 400. */
const AZURE_FIRST_VERSION = '2024-09-01'

/** How the provider at this URL is treated. Unknown ones are asked. */
export function streamUsagePolicy(provider: string, url: string): StreamUsagePolicy {
  if (provider === 'azure.ai.openai') {
    const version = /[?&]api-version=(\d{4}-\d{2}-\d{2})/.exec(url)?.[1]
    return version !== undefined && version < AZURE_FIRST_VERSION ? LEAVE : ASK_AND_HIDE
  }
  return POLICY_OF_PROVIDER[provider] ?? ASK_AND_HIDE
}
