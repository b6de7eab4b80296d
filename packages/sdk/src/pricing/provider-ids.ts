/** Our provider names (OpenTelemetry's `gen_ai.provider.name` where it has one) as ids of `@pydantic/genai-prices`. */
const LIBRARY_IDS: Record<string, string> = {
  'azure.ai.openai': 'azure',
  'azure.ai.inference': 'azure',
  'aws.bedrock': 'aws',
  'gcp.gemini': 'google',
  'gcp.gen_ai': 'google',
  'gcp.vertex_ai': 'google',
  mistral_ai: 'mistral',
  moonshot_ai: 'moonshotai',
  x_ai: 'x-ai',
  together_ai: 'together',
  fireworks_ai: 'fireworks',
  z_ai: 'zai',
  // A gateway, as a rule: what answers with the name of an OpenAI model is charged as that.
  openai_compatible: 'openai',
  anthropic_compatible: 'anthropic',
}

/** OpenAI's open weights: behind an unknown host they are somebody's own machine. */
const OPEN_WEIGHTS = /^gpt-oss\b/

/**
 * Where the library is to look for a model; undefined: nowhere. Names that are not in the table go to it as they are, and it finds the provider or not. A model
 * is never priced by its name alone: one on somebody's own machine may be called `deepseek-r1`, and would be charged the hosted model's price.
 */
export function libraryProviderId(provider: string, model: string): string | undefined {
  if (provider === 'openai_compatible' && OPEN_WEIGHTS.test(model)) return undefined
  return LIBRARY_IDS[provider] ?? (provider === '' ? undefined : provider)
}
