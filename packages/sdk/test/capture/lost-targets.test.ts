import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { Branch } from '../../src/capture/branch.ts'
import { LostTargets } from '../../src/capture/lost-targets.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const newBranch = (name: string) => ({ name }) as unknown as Branch

async function collectUntil(isDone: () => boolean): Promise<void> {
  for (let round = 0; round < 200 && !isDone(); round++) {
    collectGarbage()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe('LostTargets', () => {
  it('tells of an object that was dropped, not of one that is held or was forgotten', async () => {
    const lost: Branch[] = []
    const targets = new LostTargets((branch) => lost.push(branch))
    const held = {}
    const [dropped, kept, forgotten] = [newBranch('dropped'), newBranch('kept'), newBranch('forgotten')]
    targets.watch({}, dropped)
    targets.watch(held, kept)
    targets.watch({}, forgotten)
    targets.forget(forgotten)
    await collectUntil(() => lost.length > 0)
    expect(lost).toEqual([dropped])
    expect(held).toEqual({})
  })

  it('tells of all, more of them than may wait at a time', async () => {
    const lost = new Set<Branch>()
    const targets = new LostTargets((branch) => lost.add(branch))
    const branches = Array.from({ length: 2500 }, (_, i) => newBranch(String(i)))
    for (const branch of branches) targets.watch({}, branch)
    await collectUntil(() => lost.size === branches.length)
    expect(lost.size).toBe(branches.length)
  })
})
