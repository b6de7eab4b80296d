import { type ApplyResult, type Batch, type BatchContents, type BatchRows, CODE, callsCode, emptyRows } from '@aiwatch/store'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OutgoingQueue } from '../../src/flush/outgoing-queue.ts'

/** Rows that tell of some calls; `recent` carries a mark by which a batch is known again. */
function rows(calls: number, mark = ''): BatchRows {
  const values = [callsCode('ok'), calls, CODE.inputTokens, calls * 10]
  return {
    ...emptyRows(),
    cells: [{ id: mark, app: 'a', provider: 'p', model: mark }],
    series: [{ tier: '10s', start: 0, cell: 0, values }],
    totals: [{ cell: 0, values }],
  }
}

/** A server that takes only the next batch, and can be set back. */
class Server {
  last = 0
  writer = ''
  applied: Batch[] = []

  take(batch: Batch): ApplyResult {
    if (batch.writer !== this.writer) this.last = 0
    this.writer = batch.writer
    const serverTimeMs = 0
    if (batch.sequence <= this.last) return { status: 'duplicate', last: this.last, serverTimeMs }
    if (batch.sequence > this.last + 1) return { status: 'gap', last: this.last, serverTimeMs }
    this.last = batch.sequence
    this.applied.push(structuredClone(batch))
    return {
      status: 'applied',
      last: this.last,
      serverTimeMs,
      refusedOperations: 0,
      lateCalls: 0,
      lateRefusedCalls: 0,
      foldedCells: 0,
      clampedCalls: 0,
    }
  }

  /** Forgets the newest batches, as after a power cut. */
  lose(batches: number): void {
    this.applied.splice(this.applied.length - batches, batches)
    this.last = Math.max(0, this.last - batches)
  }

  calls(): number {
    return this.applied.reduce((sum, batch) => sum + (batch.totals[0]?.values[1] as number), 0)
  }

  lostCalls(): number {
    return this.applied.reduce((sum, batch) => sum + (batch.lostCalls ?? 0), 0)
  }
}

function makeQueue(split: (contents: BatchContents) => BatchContents[] = (contents) => [contents]) {
  const clock = { nowMs: 1_000_000 }
  let writers = 0
  const queue = new OutgoingQueue({ tenant: 'default', newWriter: () => `writer-${++writers}`, split, now: () => clock.nowMs })
  const send = (server: Server, answered = true) => {
    const head = queue.head
    if (!head) return undefined
    queue.noteSent(head)
    const result = server.take(head.batch)
    return answered ? queue.settle(result) : undefined
  }
  const sendAll = (server: Server) => {
    for (let sends = 0; queue.head; sends++) {
      send(server)
      if (sends > 10_000) throw new Error('the queue never empties')
    }
  }
  return { queue, clock, send, sendAll }
}

describe('OutgoingQueue', () => {
  it('numbers batches and their parts from 1 without gaps, oldest first', () => {
    const { queue, sendAll } = makeQueue((contents) => [contents, { ...contents, totals: [], series: [] }])
    const server = new Server()
    queue.add(rows(3))
    queue.add(rows(4))
    expect(queue.length).toBe(4)
    expect(queue.bytes).toBeGreaterThan(0)
    sendAll(server)
    expect(server.applied.map((batch) => batch.sequence)).toEqual([1, 2, 3, 4])
  })

  it('takes "already applied" for an acknowledgement after an answer that was lost', () => {
    const { queue, send, sendAll } = makeQueue()
    const server = new Server()
    queue.add(rows(5))
    send(server, false)
    const settled = send(server)
    expect(settled).toMatchObject({ duplicate: true, flushedCalls: 5 })
    queue.add(rows(2))
    sendAll(server)
    expect(server.calls()).toBe(7)
  })

  it.each([
    ['as it is', 10],
    ['as text, since it is large', 200_000],
  ])('sends again in order what the server lost and we keep %s', (_how, characters) => {
    const { queue, sendAll, send } = makeQueue()
    const server = new Server()
    const recent = [{ endedMs: 0, text: 'x'.repeat(characters) }]
    for (const calls of [1, 2, 4]) queue.add({ ...rows(calls, `${calls}`), recent })
    sendAll(server)
    server.lose(2)
    queue.add(rows(8, '8'))
    expect(send(server)).toMatchObject({ gap: true, lostCalls: 0, flushedCalls: -6 })
    sendAll(server)
    expect(server.applied.map((batch) => batch.cells[0]?.model)).toEqual(['1', '2', '4', '8'])
    expect(server.applied.map((batch) => batch.recent[0]?.text.length)).toEqual([characters, characters, characters, undefined])
    expect(server.applied.map((batch) => batch.sequence)).toEqual([1, 2, 3, 4])
    expect(server.lostCalls()).toBe(0)
  })

  it('says how many calls are lost when the server lost more than is kept, and numbers the rest anew', () => {
    const { queue, clock, sendAll } = makeQueue()
    const server = new Server()
    for (const calls of [1, 2, 4, 8]) {
      queue.add(rows(calls))
      sendAll(server)
      clock.nowMs += 4000
    }
    server.lose(3)
    queue.add(rows(16))
    sendAll(server)
    // 8 and 4 were acknowledged within 5 s of the last acknowledgement and are kept; 2 is not.
    expect(server.applied.map((batch) => batch.sequence)).toEqual([1, 2, 3, 4])
    expect(server.lostCalls()).toBe(2)
    expect(server.calls()).toBe(1 + 4 + 8 + 16)
  })

  it('counts everything ever acknowledged as lost when the server was emptied long after', () => {
    const { queue, clock, sendAll } = makeQueue()
    const server = new Server()
    for (let batch = 0; batch < 50; batch++) {
      queue.add(rows(10))
      sendAll(server)
      clock.nowMs += 1000
    }
    server.lose(50)
    queue.add(rows(1))
    sendAll(server)
    expect(server.calls() + server.lostCalls()).toBe(501)
    expect(server.lostCalls()).toBeGreaterThan(400)
  })

  it('forgets nothing by time while no answer comes', () => {
    const { queue, clock, sendAll } = makeQueue()
    const server = new Server()
    queue.add(rows(3))
    sendAll(server)
    clock.nowMs += 3600_000
    server.lose(1)
    queue.add(rows(4))
    sendAll(server)
    expect([server.calls(), server.lostCalls()]).toEqual([7, 0])
  })

  it('drops what a torn server has half of and goes on after it', () => {
    const { queue, send, sendAll } = makeQueue()
    const server = new Server()
    queue.add(rows(1))
    queue.add(rows(2))
    send(server)
    const head = queue.head
    expect(head?.batch.sequence).toBe(2)
    server.last = 2
    expect(queue.settle({ status: 'torn', last: 2, serverTimeMs: 0 })).toMatchObject({ torn: true, flushedCalls: 2 })
    queue.add(rows(4))
    sendAll(server)
    expect(server.applied.map((batch) => batch.sequence)).toEqual([1, 3])
  })

  it('begins a new writer after a day without a batch', () => {
    const { queue, clock, sendAll } = makeQueue()
    const server = new Server()
    queue.add(rows(1))
    sendAll(server)
    clock.nowMs += 25 * 3600_000
    queue.add(rows(2))
    expect(queue.head?.batch).toMatchObject({ writer: 'writer-2', sequence: 1 })
    sendAll(server)
    expect([server.calls(), server.lostCalls()]).toEqual([3, 0])
  })

  it('begins a new writer when a server knows more of it than was ever sent', () => {
    const { queue, send, sendAll } = makeQueue()
    const server = new Server()
    queue.add(rows(1))
    server.writer = 'writer-1'
    server.last = 10
    expect(send(server)).toMatchObject({ duplicate: false, flushedCalls: 0 })
    sendAll(server)
    expect(server.applied.map(({ writer, sequence }) => [writer, sequence])).toEqual([['writer-2', 1]])
  })

  it('gives a batch up and its number to the next', () => {
    const { queue, sendAll } = makeQueue()
    const server = new Server()
    for (const calls of [1, 2, 4]) queue.add(rows(calls))
    expect(queue.discardHead()).toBe(1)
    sendAll(server)
    expect(server.applied.map((batch) => batch.sequence)).toEqual([1, 2])
  })

  it('counts no calls of fine rows that it gives up: their totals come later', () => {
    const { queue } = makeQueue()
    queue.add({ ...rows(3), totals: [] })
    expect(queue.discardHead()).toBe(0)
  })

  it('takes nothing of rows that cannot be split', () => {
    const { queue, sendAll } = makeQueue((contents) => {
      if (contents.cells[0]?.model === 'bad') throw new Error('cannot be split')
      return [contents]
    })
    const server = new Server()
    expect(() => queue.add(rows(1, 'bad'))).toThrow('cannot be split')
    expect([queue.length, queue.bytes]).toEqual([0, 0])
    queue.add(rows(2))
    sendAll(server)
    expect(server.applied.map((batch) => batch.sequence)).toEqual([1])
  })

  it('keeps a bounded amount of what was acknowledged', () => {
    const { queue, sendAll } = makeQueue()
    const server = new Server()
    for (let batch = 0; batch < 100; batch++) {
      queue.add(rows(1, 'x'.repeat(100_000)))
      sendAll(server)
    }
    expect(queue.bytes).toBeLessThanOrEqual(2 * 1024 * 1024)
    expect(queue.bytes).toBeGreaterThan(1024 * 1024)
  })

  it('brings every call exactly once or tells that it is lost, whatever is lost on the way', () => {
    const events = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 1, max: 9 }).map((calls) => ({ kind: 'add' as const, calls })) },
        { weight: 6, arbitrary: fc.boolean().map((answered) => ({ kind: 'send' as const, answered })) },
        { weight: 2, arbitrary: fc.integer({ min: 0, max: 9000 }).map((ms) => ({ kind: 'wait' as const, ms })) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }).map((batches) => ({ kind: 'lose' as const, batches })) },
      ),
      { maxLength: 80 },
    )
    fc.assert(
      fc.property(events, (script) => {
        const { queue, clock, send, sendAll } = makeQueue()
        const server = new Server()
        let added = 0
        for (const event of script) {
          if (event.kind === 'add') {
            queue.add(rows(event.calls))
            added += event.calls
          } else if (event.kind === 'send') send(server, event.answered)
          else if (event.kind === 'wait') clock.nowMs += event.ms
          else server.lose(Math.min(event.batches, server.last))
        }
        queue.add(rows(1))
        sendAll(server)
        expect(server.calls() + server.lostCalls()).toBe(added + 1)
      }),
      { numRuns: 500 },
    )
  })
})
