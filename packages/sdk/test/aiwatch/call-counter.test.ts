import { beforeEach, describe, expect, it } from 'vitest'
import { CallCounter } from '../../src/call-counter.ts'
import { alreadyRead, type CapturedCall } from '../../src/captured-call.ts'
import { Pricer } from '../../src/pricing/pricer.ts'
import { Rollup } from '../../src/rollup/rollup.ts'
import { sampleCapturedCall } from '../sample-call.ts'

const newCall = (model: string, changes: Partial<CapturedCall> = {}) => alreadyRead({ ...sampleCapturedCall({ model }), ...changes })

let failures: unknown[]
let countedLate: number
let library: PromiseWithResolvers<{ calcPrice: () => null }>

interface Parts {
  counter: CallCounter
  pricer: Pricer
  rollup: Rollup
}

function newCounter(): Parts {
  const pricer = new Pricer({ overrides: {}, onFailed() {}, loadLibrary: () => library.promise as never })
  const rollup = new Rollup({ maxBytes: 1e8 })
  const counter = new CallCounter({
    pricer,
    rollup,
    app: 'shop',
    onCountedLate: () => countedLate++,
    onFailed: (error) => failures.push(error),
  })
  return { counter, pricer, rollup }
}

/** One whose price table is there. */
async function loadedCounter(): Promise<Parts> {
  const parts = newCounter()
  parts.counter.add(newCall('first'))
  library.resolve({ calcPrice: () => null })
  await parts.pricer.settled()
  parts.counter.drain('all')
  return parts
}

beforeEach(() => {
  failures = []
  countedLate = 0
  library = Promise.withResolvers()
})

describe('CallCounter', () => {
  it('lets calls wait, and counts them when rows are asked for', async () => {
    const { counter, rollup } = await loadedCounter()
    for (let i = 0; i < 5; i++) counter.add(newCall('gpt-4.1'))
    expect([rollup.hasRows, counter.hasRows, counter.waitingBytes > 0]).toEqual([false, true, true])
    expect(counter.callsSinceDrain).toBe(5)
    expect([rollup.hasRows, counter.waitingBytes]).toEqual([true, 0])
    expect(counter.drain('fast')?.cells.map((cell) => [cell.app, cell.model])).toEqual([['shop', 'gpt-4.1']])
    expect(counter.drain('all')?.totals).toHaveLength(1)
    expect(counter.hasRows).toBe(false)
  })

  it.each([
    ['128 calls', 128, 800],
    ['half a megabyte of calls and their answers', 6, 100 * 1024],
  ])('counts %s as soon as the event loop turns', async (_what, calls, heldBytes) => {
    const { counter, rollup } = await loadedCounter()
    for (let i = 0; i < calls; i++) counter.add({ ...newCall('gpt-4.1'), heldBytes })
    expect(rollup.callsSinceDrain).toBe(0)
    await new Promise(setImmediate)
    expect([rollup.callsSinceDrain, counter.waitingBytes]).toEqual([calls, 0])
  })

  it.each([
    ['512 calls', 512, 1],
    ['two megabytes', 21, 100 * 1024],
  ])('lets no more than %s wait while it does not turn', async (_what, most, heldBytes) => {
    const { counter, rollup } = await loadedCounter()
    for (let i = 0; i < most - 1; i++) counter.add({ ...newCall('gpt-4.1'), heldBytes })
    expect(rollup.callsSinceDrain).toBe(0)
    counter.add({ ...newCall('gpt-4.1'), heldBytes })
    expect([rollup.callsSinceDrain, counter.waitingBytes]).toEqual([most, 0])
  })

  it('counts a call that cannot be read as dropped', async () => {
    const { counter, rollup } = await loadedCounter()
    const unreadable = {
      heldBytes: 1,
      read: () => {
        throw new Error('torn')
      },
    }
    counter.add(unreadable)
    counter.add(newCall('two'))
    expect(counter.callsSinceDrain).toBe(1)
    expect([rollup.counted.dropped, failures]).toEqual([1, [new Error('torn')]])
  })

  it('asks for the price table with the first call, and tells when calls that waited for it are counted', async () => {
    const { counter, pricer } = newCounter()
    counter.add(newCall('gpt-4.1'))
    counter.add(newCall('gpt-4.1'))
    expect([pricer.waitingCalls, counter.hasRows, countedLate]).toEqual([2, false, 0])
    library.resolve({ calcPrice: () => null })
    await pricer.settled()
    expect([pricer.waitingCalls, counter.callsSinceDrain, countedLate]).toEqual([0, 2, 2])
    counter.add(newCall('gpt-4.1'))
    expect([counter.callsSinceDrain, countedLate]).toEqual([3, 2])
  })

  it('counts a call that cannot be added as dropped, reports it and counts the others', async () => {
    const { counter, rollup } = await loadedCounter()
    counter.add(newCall('one'))
    counter.add(newCall('broken', { usage: undefined as never }))
    counter.add(newCall('torn', { app: 7 as never }))
    counter.add(newCall('two'))
    counter.countWaiting()
    const rows = counter.drain('all')
    expect(rows?.cells.map((cell) => cell.model)).toEqual(expect.arrayContaining(['one', 'two']))
    expect(failures.length).toBeGreaterThan(0)
    expect(rollup.counted.dropped).toBe(failures.length)
  })
})
