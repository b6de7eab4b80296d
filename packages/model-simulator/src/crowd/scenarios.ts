/** What people do with models: an app, a feature of it, and the calls of one of its sessions. */
export type CrowdOperation = 'chat' | 'messages' | 'responses' | 'embeddings' | 'completions'

export interface ModelShare {
  model: string
  weight: number
}

export interface Scenario {
  weight: number
  app: string
  /** Value of the tag `feature`. */
  feature: string
  operation: CrowdOperation
  models: readonly [ModelShare, ...ModelShare[]]
  /** Median tokens; the input grows with each turn by what was said before. */
  inputTokens: number
  outputTokens: number
  /** Mean turns of a session, at least 1. */
  turns: number
  /** Median pause between an answer and the next question. */
  thinkMs: number
  /** Share of the calls that are streamed. */
  streamed: number
}

export const SCENARIOS: readonly [Scenario, ...Scenario[]] = [
  {
    weight: 40,
    app: 'assistant',
    feature: 'chat',
    operation: 'chat',
    models: [
      { model: 'gpt-4o-mini', weight: 60 },
      { model: 'gpt-4o', weight: 15 },
      { model: 'llama-3.3-70b-versatile', weight: 25 },
    ],
    inputTokens: 350,
    outputTokens: 180,
    turns: 5,
    thinkMs: 20_000,
    streamed: 0.9,
  },
  {
    weight: 18,
    app: 'assistant',
    feature: 'reason',
    operation: 'responses',
    models: [
      { model: 'gpt-5-mini', weight: 60 },
      { model: 'o4-mini', weight: 40 },
    ],
    inputTokens: 900,
    outputTokens: 420,
    turns: 3,
    thinkMs: 35_000,
    streamed: 0.8,
  },
  {
    weight: 16,
    app: 'documents',
    feature: 'summarise',
    operation: 'chat',
    models: [
      { model: 'gpt-4.1', weight: 45 },
      { model: 'gpt-4.1-mini', weight: 55 },
    ],
    inputTokens: 4200,
    outputTokens: 260,
    turns: 1.3,
    thinkMs: 45_000,
    streamed: 0.3,
  },
  {
    weight: 12,
    app: 'documents',
    feature: 'draft',
    operation: 'messages',
    models: [
      { model: 'claude-haiku-4-5', weight: 70 },
      { model: 'claude-sonnet-5', weight: 30 },
    ],
    inputTokens: 1100,
    outputTokens: 320,
    turns: 3,
    thinkMs: 40_000,
    streamed: 0.8,
  },
  {
    weight: 18,
    app: 'documents',
    feature: 'search',
    operation: 'embeddings',
    models: [
      { model: 'text-embedding-3-small', weight: 80 },
      { model: 'text-embedding-3-large', weight: 20 },
    ],
    inputTokens: 60,
    outputTokens: 0,
    turns: 3,
    thinkMs: 9000,
    streamed: 0,
  },
  {
    weight: 8,
    app: 'editor',
    feature: 'complete',
    operation: 'completions',
    models: [{ model: 'gpt-3.5-turbo-instruct', weight: 1 }],
    inputTokens: 500,
    outputTokens: 40,
    turns: 8,
    thinkMs: 6000,
    streamed: 0.5,
  },
]
