/**
 * Prompt tokens by a simple stated rule: characters of the texts ÷ 4, rounded up, at least 1; an image is 85 tokens, which is
 * what OpenAI counts for one of low detail.
 */
const CHARACTERS_PER_TOKEN = 4
const IMAGE_TOKENS = 85

export function tokensOfCharacters(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN)
}

/** Tokens of a prompt: a string, an array of strings or token ids, or messages with contents and parts. */
export function countPromptTokens(...prompts: unknown[]): number {
  const count = { characters: 0, tokens: 0 }
  for (const prompt of prompts) addPrompt(count, prompt, 0)
  return Math.max(1, tokensOfCharacters(count.characters) + count.tokens)
}

/** Messages hold parts, and parts hold text: nothing that counts lies deeper. */
const MAX_DEPTH = 6

function addPrompt(count: { characters: number; tokens: number }, prompt: unknown, depth: number): void {
  if (typeof prompt === 'string') count.characters += prompt.length
  else if (typeof prompt === 'number') count.tokens++
  else if (depth > MAX_DEPTH || prompt === null || typeof prompt !== 'object') return
  else if (Array.isArray(prompt)) for (const part of prompt) addPrompt(count, part, depth + 1)
  else {
    const part = prompt as Record<string, unknown>
    if (part['type'] === 'image_url' || part['type'] === 'input_image') count.tokens += IMAGE_TOKENS
    else for (const field of ['content', 'text', 'output', 'arguments', 'tool_calls', 'function']) addPrompt(count, part[field], depth + 1)
  }
}
