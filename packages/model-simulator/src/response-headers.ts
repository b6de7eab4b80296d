/** Headers that a provider sends with every answer, the id of the request first, as a flat list, which is what Node writes fastest. */
import type { Exchange } from './exchange.ts'

export function responseHeaders(exchange: Exchange): string[] {
  return exchange.api === 'anthropic' ? anthropicHeaders(exchange) : openAIHeaders(exchange)
}

function openAIHeaders(exchange: Exchange): string[] {
  return [
    'x-request-id',
    `req_${exchange.random.id(24)}`,
    'openai-version',
    '2020-10-01',
    'openai-organization',
    'simulated',
    'openai-processing-ms',
    String(Math.round(performance.now() - exchange.startedAt)),
    'x-ratelimit-limit-requests',
    '10000',
    'x-ratelimit-remaining-requests',
    '9999',
    'x-ratelimit-reset-requests',
    '6ms',
    'x-ratelimit-limit-tokens',
    '2000000',
    'x-ratelimit-remaining-tokens',
    '1999000',
    'x-ratelimit-reset-tokens',
    '30ms',
  ]
}

function anthropicHeaders(exchange: Exchange): string[] {
  return [
    'request-id',
    `req_${exchange.random.id(24)}`,
    'anthropic-organization-id',
    'simulated',
    'anthropic-ratelimit-requests-limit',
    '4000',
    'anthropic-ratelimit-requests-remaining',
    '3999',
    'anthropic-ratelimit-input-tokens-limit',
    '2000000',
    'anthropic-ratelimit-input-tokens-remaining',
    '1999000',
  ]
}
