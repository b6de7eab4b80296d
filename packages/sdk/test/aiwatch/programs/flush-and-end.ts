/** Flushes, waits for that at top level, and never closes. */
import { AIWatch } from '../../../src/index.ts'

const watch = new AIWatch()
watch.record({ provider: 'openai', model: 'gpt-4o', usage: { inputTokens: 10, outputTokens: 5 } })
try {
  await watch.flush({ timeoutMs: 3000 })
  console.log(`flushed ${watch.stats().flushed}`)
} catch (error) {
  console.log(`held: ${(error as Error).message}`)
}
