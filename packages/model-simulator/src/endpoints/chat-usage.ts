import type { AnswerPlan } from '../plan-answer.ts'

/** `usage` of Chat Completions. */
export function chatUsage(plan: AnswerPlan): object {
  return {
    prompt_tokens: plan.inputTokens,
    completion_tokens: plan.outputTokens,
    total_tokens: plan.inputTokens + plan.outputTokens,
    prompt_tokens_details: { cached_tokens: plan.cachedTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: plan.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}

/** The same from Groq: few details, but how long each step took, in seconds. */
export function groqUsage(plan: AnswerPlan): object {
  const seconds = (ms: number) => Number((ms / 1000).toFixed(6))
  // A quarter of the wait for the first token is spent in the queue.
  const queueMs = plan.firstTokenMs / 4
  return {
    queue_time: seconds(queueMs),
    prompt_tokens: plan.inputTokens,
    prompt_time: seconds(plan.firstTokenMs - queueMs),
    completion_tokens: plan.outputTokens,
    completion_time: seconds(plan.totalMs - plan.firstTokenMs),
    total_tokens: plan.inputTokens + plan.outputTokens,
    total_time: seconds(plan.totalMs - queueMs),
    ...(plan.cachedTokens > 0 ? { prompt_tokens_details: { cached_tokens: plan.cachedTokens } } : {}),
  }
}
