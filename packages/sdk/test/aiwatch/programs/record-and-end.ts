/** Records one call and comes to its end, with nothing else: no flush, no close. */
import { AIWatch } from '../../../src/index.ts'

const watch = new AIWatch()
watch.record({ provider: 'openai', model: 'gpt-4o', usage: { inputTokens: 10, outputTokens: 5 } })
