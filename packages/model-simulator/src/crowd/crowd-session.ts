/** A person at work: some turns of one scenario, each adding to what was said. */

import { drawFault } from '../faults.ts'
import { DEFAULT_MODELS } from '../models.ts'
import type { Random } from '../random.ts'
import type { ResolvedCrowdOptions } from './crowd-options.ts'
import type { PlannedRequest } from './planned-request.ts'
import type { CrowdOperation, Scenario } from './scenarios.ts'

export interface CrowdSession {
  id: string
  user: string
  scenario: Scenario
  model: string
  turn: number
  turns: number
  /** Tokens of the earlier turns, which a chat sends again. */
  history: number
}

/** Longest history that a program sends; older turns are left out. */
const MAX_HISTORY_TOKENS = 6000
/** Who leaves does so in this first part of the answer: near the end there is nothing to leave. */
const LEAVES_BEFORE = 0.8
/** OpenAI's prompt cache: from 1,024 tokens, in steps of 128. */
const CACHE_LEAST_TOKENS = 1024
const CACHE_STEP_TOKENS = 128

/** What a conversation is made of. */
const KEEPS_HISTORY: ReadonlySet<CrowdOperation> = new Set(['chat', 'messages', 'responses'])

const profiles = new Map(DEFAULT_MODELS.map((model) => [model.name, model]))

/** The next request of a session at an instant; the session moves on by a turn. */
export function nextRequest(session: CrowdSession, atMs: number, random: Random, options: ResolvedCrowdOptions): PlannedRequest {
  const { scenario } = session
  const profile = profiles.get(session.model)
  session.turn++
  const ownTokens = Math.max(1, Math.round(random.logNormal(scenario.inputTokens, 0.7)))
  const outputTokens = scenario.outputTokens === 0 ? 0 : Math.max(1, Math.round(random.logNormal(scenario.outputTokens, 0.7)))
  const reasoningShare = random.next()
  const isCached = random.chance(0.6)
  const keepsHistory = KEEPS_HISTORY.has(scenario.operation)
  const history = keepsHistory ? session.history : 0
  const isStream = random.chance(scenario.streamed)
  const planned: PlannedRequest = {
    atMs,
    user: session.user,
    session: session.id,
    turn: session.turn,
    app: scenario.app,
    tags: { feature: scenario.feature },
    operation: scenario.operation,
    model: session.model,
    isStream,
    asksForUsage: random.chance(options.asksForUsageShare) && isStream,
    inputTokens: ownTokens + history,
    outputTokens,
    // What was sent before is what a cache can hold.
    cachedTokens:
      isCached && (profile?.cacheHitRate ?? 1) > 0 && history >= CACHE_LEAST_TOKENS
        ? Math.floor(history / CACHE_STEP_TOKENS) * CACHE_STEP_TOKENS
        : 0,
    reasoningTokens: profile?.kind === 'reasoning' ? Math.floor(outputTokens * (0.2 + 0.5 * reasoningShare)) : 0,
    seed: random.integer(2 ** 31),
  }
  spoil(planned, random, options)
  session.history = Math.min(MAX_HISTORY_TOKENS, history + ownTokens + outputTokens)
  return planned
}

/** Lets a call fail, be retried, or be left, with the chances of the options. */
function spoil(planned: PlannedRequest, random: Random, options: ResolvedCrowdOptions): void {
  const fault = drawFault(options.faults, random.next())
  const isRetried = random.chance(options.retriedShare)
  const retriedFault = random.chance(0.7) ? '429' : '500'
  const leaves = random.chance(options.leaverShare)
  const leavesAt = random.next()
  if (fault !== undefined) planned.fault = fault
  else if (isRetried) {
    planned.fault = retriedFault
    planned.failAttempts = 1
  } else if (leaves && planned.isStream) {
    planned.leavesAfterChunks = 1 + Math.floor(leavesAt * LEAVES_BEFORE * (planned.outputTokens - planned.reasoningTokens - 1))
  }
}

/** How long until the next turn: the answer, and a pause to think. */
export function pauseMs(scenario: Scenario, random: Random): number {
  return Math.max(500, random.logNormal(scenario.thinkMs, 0.6))
}
