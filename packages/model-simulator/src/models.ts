/** The models that the simulator answers for, with the names that are public, and speeds of the order that users measure. */
export interface ModelProfile {
  /** As asked. */
  name: string
  /** As answered: OpenAI answers with the dated snapshot that an alias stands for. */
  answeredAs: string
  kind: 'chat' | 'reasoning' | 'completion' | 'embedding' | 'image'
  /** Medians and log-normal spreads at speed 1. */
  firstTokenMs: number
  firstTokenSigma: number
  tokensPerSecond: number
  tokensPerSecondSigma: number
  /** Input tokens read per second: what a long prompt adds to the time to the first token. */
  prefillTokensPerSecond: number
  /** Longest prompt in tokens. */
  contextTokens: number
  /** Median and spread of the answer when the caller does not ask for a length. */
  outputTokens: number
  outputSigma: number
  /** Chance that a prompt of 1,024 tokens or more finds its beginning in the provider's cache. */
  cacheHitRate: number
  /** Whose API serves it. Groq sends usage with the last chunk unasked, under `x_groq`, and its own times with every usage. */
  wire: 'openai' | 'groq' | 'anthropic'
  /** Length of a vector; embedding models only. */
  dimensions: number
}

const CHAT: Omit<ModelProfile, 'name' | 'answeredAs'> = {
  kind: 'chat',
  firstTokenMs: 420,
  firstTokenSigma: 0.35,
  tokensPerSecond: 80,
  tokensPerSecondSigma: 0.25,
  prefillTokensPerSecond: 12_000,
  contextTokens: 128_000,
  outputTokens: 180,
  outputSigma: 0.8,
  cacheHitRate: 0.4,
  wire: 'openai',
  dimensions: 0,
}

/** A profile from the few fields that matter to a caller; the rest are those of a mid-sized chat model. */
export function modelProfile(fields: Partial<ModelProfile> & { name: string }): ModelProfile {
  return { ...CHAT, answeredAs: fields.name, ...fields }
}

const reasoning = { kind: 'reasoning', contextTokens: 200_000, outputTokens: 500, outputSigma: 0.7 } as const
const claude = { wire: 'anthropic', contextTokens: 200_000, cacheHitRate: 0 } as const
const embedding = { kind: 'embedding', firstTokenMs: 90, contextTokens: 8191, outputTokens: 0, cacheHitRate: 0 } as const

export const DEFAULT_MODELS: readonly ModelProfile[] = [
  modelProfile({ name: 'gpt-4o-mini', answeredAs: 'gpt-4o-mini-2024-07-18' }),
  modelProfile({ name: 'gpt-4o', answeredAs: 'gpt-4o-2024-08-06', firstTokenMs: 520, tokensPerSecond: 95 }),
  modelProfile({ name: 'gpt-4.1', answeredAs: 'gpt-4.1-2025-04-14', firstTokenMs: 560, tokensPerSecond: 70, contextTokens: 1_047_576 }),
  modelProfile({ name: 'gpt-4.1-mini', answeredAs: 'gpt-4.1-mini-2025-04-14', tokensPerSecond: 75, contextTokens: 1_047_576 }),
  modelProfile({ ...reasoning, name: 'gpt-5-mini', answeredAs: 'gpt-5-mini-2025-08-07', firstTokenMs: 480, contextTokens: 400_000 }),
  modelProfile({ ...reasoning, name: 'o4-mini', answeredAs: 'o4-mini-2025-04-16', firstTokenMs: 650, tokensPerSecond: 130 }),
  modelProfile({
    name: 'llama-3.3-70b-versatile',
    wire: 'groq',
    firstTokenMs: 210,
    tokensPerSecond: 270,
    contextTokens: 131_072,
    cacheHitRate: 0,
  }),
  modelProfile({ ...claude, name: 'claude-haiku-4-5', answeredAs: 'claude-haiku-4-5-20251001', firstTokenMs: 480, tokensPerSecond: 150 }),
  modelProfile({ ...claude, name: 'claude-sonnet-5', firstTokenMs: 900, tokensPerSecond: 75, outputTokens: 260 }),
  modelProfile({
    name: 'gpt-3.5-turbo-instruct',
    kind: 'completion',
    firstTokenMs: 260,
    outputTokens: 60,
    contextTokens: 4096,
    cacheHitRate: 0,
  }),
  modelProfile({ ...embedding, name: 'text-embedding-3-small', dimensions: 1536 }),
  modelProfile({ ...embedding, name: 'text-embedding-3-large', dimensions: 3072 }),
  modelProfile({ name: 'gpt-image-1', kind: 'image', firstTokenMs: 9000, outputTokens: 1056, outputSigma: 0, cacheHitRate: 0 }),
]
