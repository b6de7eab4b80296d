import { openReader } from '@aiwatch/store'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { liveSchema, newCallsSchema } from '../../src/contract/index.ts'
import { createLog } from '../../src/log.ts'
import { type Listener, StreamHub } from '../../src/stream/stream-hub.ts'
import { eventually, openStage, type Stage } from '../run-collector.ts'
import { CallWriter, testCall } from '../write-calls.ts'
import { expectExact, readProblem } from './ask-v1.ts'
import { type OpenStream, openStream } from './read-events.ts'

describe('GET /v1/stream', () => {
  let stage: Stage
  let base = ''
  let writer: CallWriter
  const streams: OpenStream[] = []
  const open = async (query = '', headers: Record<string, string> = {}) => {
    const stream = await openStream(base, query, headers)
    streams.push(stream)
    return stream
  }
  const write = (...names: string[]) =>
    writer.write(names.map((user) => testCall({ endedMs: Date.now(), user, app: user.startsWith('x') ? 'other' : 'shop' })))
  const usersOf = (stream: OpenStream) => stream.calls().flatMap(({ calls }) => calls.map(({ user_id }) => user_id))

  beforeAll(async () => {
    stage = await openStage()
    base = stage.collector.analyticsUrl
    writer = new CallWriter(stage.redis)
  })
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.close()
  })
  afterAll(() => stage.stop())

  it('tells the first call of all to who listens already', async () => {
    const stream = await open()
    await stream.until(() => stream.live().length > 0)
    await write('first')
    await stream.until(() => usersOf(stream).length > 0)
    expect(usersOf(stream)).toEqual(['first'])
  })

  it('tells live figures each second, and calls as they come, by the contract', async () => {
    const stream = await open()
    await stream.until(() => stream.live().length > 0)
    await write('ada', 'grace')
    await stream.until(() => stream.live().length > 2 && usersOf(stream).length > 1)
    for (const live of stream.live()) expectExact(liveSchema, live)
    for (const calls of stream.calls()) expectExact(newCallsSchema, calls)
    const times = stream.live().map(({ at }) => Date.parse(at))
    expect(times.slice(1).every((at, i) => at - (times[i] ?? 0) > 500)).toBe(true)
    expect(usersOf(stream)).toEqual(['ada', 'grace'])
    expect(stream.live().at(-1)?.calls_5m).toBeGreaterThanOrEqual(2)
    expect(stream.live().at(-1)?.active.users_5m).toBeGreaterThanOrEqual(2)
  })

  it('sends what is asked for only: one kind of event, or calls of one app', async () => {
    const [live, calls, filtered] = [await open('?events=live'), await open('?events=calls'), await open('?events=calls&app=other')]
    const all = await open()
    await all.until(() => all.live().length > 1)
    await write('a1', 'x1', 'a2')
    await all.until(() => usersOf(all).length === 3)
    await calls.until(() => usersOf(calls).length === 3)
    await filtered.until(() => usersOf(filtered).length === 1)
    await live.until(() => live.live().length > 2)
    expect(new Set(live.events.map(({ event }) => event))).toEqual(new Set(['live']))
    expect(new Set(calls.events.map(({ event }) => event))).toEqual(new Set(['calls']))
    expect(usersOf(filtered)).toEqual(['x1'])
  })

  it('goes on after a break without loss or repetition', async () => {
    const expected: string[] = []
    const seen: (string | null)[] = []
    let lastId: string | undefined
    for (let round = 0; round < 4; round++) {
      const stream = await open('', lastId === undefined ? {} : { 'last-event-id': lastId })
      if (round === 0) await stream.until(() => stream.live().length > 0)
      const names = [`r${round}-1`, `r${round}-2`]
      await write(...names)
      expected.push(...names)
      await stream.until(() => usersOf(stream).includes(names[1] as string))
      stream.close()
      seen.push(...usersOf(stream))
      lastId = stream.events.filter(({ id }) => id !== undefined).at(-1)?.id
      // Nobody listens now.
      await write(`gap-${round}`)
      expected.push(`gap-${round}`)
    }
    const last = await open('', { 'last-event-id': lastId as string })
    await last.until(() => usersOf(last).includes('gap-3'))
    seen.push(...usersOf(last))
    expect(seen).toEqual(expected)
  })

  it('refuses a Last-Event-ID that is none', async () => {
    const response = await fetch(`${base}/v1/stream`, { headers: { 'last-event-id': 'yesterday' } })
    expect(await readProblem(response)).toMatchObject({ status: 400, field: 'Last-Event-ID' })
  })

  it('reads Redis once a second, however many listen', async () => {
    const readings = async () => Number(/cmdstat_xrevrange:calls=(\d+)/.exec(await stage.redis.info('commandstats'))?.[1] ?? 0)
    const listeners = await Promise.all(Array.from({ length: 50 }, () => open()))
    await Promise.all(listeners.map((stream) => stream.until(() => stream.live().length > 0)))
    const [before, seenBefore] = [await readings(), listeners[0]?.live().length ?? 0]
    await Promise.all(listeners.map((stream) => stream.until(() => stream.live().length >= seenBefore + 3)))
    const ticks = Math.max(...listeners.map((stream) => stream.live().length)) - seenBefore
    expect((await readings()) - before).toBeLessThanOrEqual(ticks + 1)
    for (const stream of listeners) stream.close()
    // Nobody listens: nothing is read.
    await eventually(
      async () => {
        const start = await readings()
        await new Promise((resolve) => setTimeout(resolve, 1500))
        return (await readings()) - start
      },
      (read) => read === 0,
    )
    const start = await readings()
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect((await readings()) - start).toBe(0)
  })

  it('ends with the collector', async () => {
    const other = await openStage()
    const stream = await openStream(other.collector.analyticsUrl)
    await stream.until(() => stream.live().length > 0)
    await other.stop()
    await stream.until(stream.ended)
    expect(stream.ended()).toBe(true)
  })
})

describe('StreamHub', () => {
  it('sends a heartbeat, tells trouble, and lets go of who does not keep up', async () => {
    const stage = await openStage()
    const texts: string[] = []
    let isAway = false
    const hub = new StreamHub({
      reader: openReader(stage.redis, { tenant: 'default' }),
      ask: (question) => (isAway ? Promise.reject(new Error('Redis does not answer: gone')) : question()),
      log: createLog('silent'),
      tickMs: 20,
      heartbeatTicks: 2,
    })
    let wasCut = false
    const listenerOf = (send: Listener['send']): Listener => ({
      wantsLive: true,
      wantsCalls: true,
      test: undefined,
      knownId: undefined,
      send,
      end: () => {},
      cut: () => {
        wasCut = true
      },
    })
    const good = listenerOf((text) => texts.push(text) > 0)
    try {
      hub.add(good)
      hub.add(listenerOf(() => false))
      await eventually(
        async () => texts,
        (list) => list.some((text) => text.startsWith(': heartbeat')),
      )
      expect(texts.some((text) => text.startsWith('event: live'))).toBe(true)
      expect(texts.some((text) => text.startsWith(': heartbeat'))).toBe(true)
      expect(wasCut).toBe(true)
      expect(hub.size).toBe(1)
      isAway = true
      await eventually(
        async () => texts,
        (list) => list.some((text) => text.startsWith('event: trouble')),
      )
      expect(texts.filter((text) => text.startsWith('event: trouble'))[0]).toContain('gone')
      isAway = false
      const count = texts.length
      await eventually(
        async () => texts,
        (list) => list.slice(count).some((text) => text.startsWith('event: live')),
      )
      expect(texts.slice(count).some((text) => text.startsWith('event: live'))).toBe(true)
    } finally {
      hub.close()
      await stage.stop()
    }
  })
})
