/** Works longer than some flush intervals, then ends. */
import { setTimeout as sleep } from 'node:timers/promises'
import { AIWatch } from '../../../src/index.ts'

const watch = new AIWatch({ flushIntervalMs: 50 })
for (let i = 0; i < 10; i++) {
  watch.record({ provider: 'openai', model: 'gpt-4o', usage: { inputTokens: 10, outputTokens: 5 } })
  await sleep(60)
}
