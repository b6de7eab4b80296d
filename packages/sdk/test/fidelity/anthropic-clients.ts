/** The Anthropic clients of the fidelity tests: the last two major versions. */
import Anthropic1 from '@anthropic-ai/sdk'
import Anthropic0 from 'anthropic-v0'

/** Both versions have the same surface as far as these tests use it. */
export type AnthropicClient = Anthropic1

/** This client adds `/v1` to its base URL by itself. */
const optionsOf = ({ baseURL, ...options }: { baseURL?: string }) => ({
  apiKey: 'sk-ant-test',
  ...options,
  baseURL: baseURL?.replace(/\/v1$/, ''),
})

export const ANTHROPIC_CLIENTS = [
  { version: '0', make: (options: object) => new Anthropic0(optionsOf(options)) as unknown as AnthropicClient },
  { version: '1', make: (options: object) => new Anthropic1(optionsOf(options)) },
]
