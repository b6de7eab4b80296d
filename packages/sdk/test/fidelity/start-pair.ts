/** The set-up of a file of fidelity tests: a server by script, and the comparison of a bare and a wrapped client that talk to it. */
import { afterAll, beforeAll } from 'vitest'
import { type CollectingSink, compareClients, type Scenario } from './compare-clients.ts'
import { type ScriptedUpstream, startUpstream } from './scripted-upstream.ts'

export interface Pair {
  /** Started before the first test. */
  readonly upstream: ScriptedUpstream
  /** Compares clients of this make. */
  of<Client extends object>(make: (options: object) => Client): (scenario: Scenario<Client>) => Promise<CollectingSink>
}

/** To be called at the top of a test file. */
export function startPair(): Pair {
  let upstream: ScriptedUpstream | undefined
  beforeAll(async () => {
    upstream = await startUpstream()
  })
  afterAll(() => upstream?.close())
  const started = () => {
    if (!upstream) throw new Error('the server starts with the first test')
    return upstream
  }
  return {
    get upstream() {
      return started()
    },
    of: (make) => (scenario) => compareClients(make, started(), scenario),
  }
}
