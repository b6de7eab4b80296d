/** The batches of one writer: numbered, sent oldest first, held until acknowledged, and a while longer in case the server loses them. */
import { type ApplyResult, BATCH_VERSION, type Batch, type BatchContents, type BatchRows } from '@aiwatch/store'
import { countRowCalls } from './count-row-calls.ts'
import { estimateBytes } from './estimate-bytes.ts'

export interface HeldBatch {
  batch: Batch
  bytes: number
  /** Calls that the lifetime totals of this batch count. */
  totalCalls: number
  /** Calls that its finest rows count; they may be in the totals of a later batch. */
  fineCalls: number
  sends: number
}

interface KeptBatch {
  sequence: number
  /** As it is, or as JSON text. */
  contents: Batch | string
  bytes: number
  totalCalls: number
  fineCalls: number
  /** That the batch told of. */
  lostCalls: number
  atMs: number
}

export interface QueueSettings {
  tenant: string
  /** Where this process runs. Default: not told. */
  origin?: string
  newWriter(): string
  split(contents: BatchContents): BatchContents[]
  now(): number
}

/**
 * What was acknowledged this long before the last acknowledgement is not kept: a server that syncs its log every second loses
 * two seconds, four when its disk is slow. Nothing is forgotten while no answer comes.
 */
const KEEP_MS = 5000
const KEEP_BYTES = 2 * 1024 * 1024
/** Larger batches are kept as JSON text, which takes a fifth of the memory. To make it would be the most of a small flush. */
const KEEP_AS_IT_IS_BYTES = 128 * 1024
/** After this a new writer is begun: the server forgets one after 48 hours. */
const WRITER_IDLE_MS = 24 * 3600 * 1000
/** Of how many batches that are not kept any more the number of calls is known. */
const MAX_HISTORY = 3600

/** What an answer changed. */
export interface Settled {
  /** Calls that are now entirely acknowledged. */
  flushedCalls: number
  duplicate: boolean
  gap: boolean
  torn: boolean
  lostCalls: number
}

export class OutgoingQueue {
  private readonly settings: QueueSettings
  private writer: string
  private nextSequence = 1
  private highestSent = 0
  private waiting: HeldBatch[] = []
  private kept: KeptBatch[] = []
  /** Calls of acknowledged batches that are not kept: by sequence, oldest first, as sums since the writer began. */
  private history: { sequence: number; totalCalls: number; fineCalls: number }[] = [{ sequence: 0, totalCalls: 0, fineCalls: 0 }]
  private lastAcknowledgedMs: number
  private waitingBytes = 0
  private keptBytes = 0

  constructor(settings: QueueSettings) {
    this.settings = settings
    this.writer = settings.newWriter()
    this.lastAcknowledgedMs = settings.now()
  }

  get head(): HeldBatch | undefined {
    return this.waiting[0]
  }

  get length(): number {
    return this.waiting.length
  }

  /** Of batches that wait and of those that are kept. */
  get bytes(): number {
    return this.waitingBytes + this.keptBytes
  }

  /** The head is about to be sent. */
  noteSent(head: HeldBatch): void {
    head.sends++
    this.highestSent = Math.max(this.highestSent, head.batch.sequence)
  }

  /** Takes all rows or, when it throws, none. */
  add(rows: BatchRows): void {
    if (this.waiting.length === 0 && this.settings.now() - this.lastAcknowledgedMs > WRITER_IDLE_MS) this.beginWriter()
    const { tenant, origin } = this.settings
    const whose = { tenant, writer: this.writer, ...(origin === undefined ? {} : { origin }) }
    const parts = this.settings.split({ version: BATCH_VERSION, ...whose, ...rows })
    const held = parts.map((contents, index) => toHeld({ ...contents, sequence: this.nextSequence + index }))
    for (const each of held) this.waitingBytes += each.bytes
    this.waiting.push(...held)
    this.nextSequence += held.length
  }

  /** Takes the server's answer to the head. */
  settle(result: ApplyResult): Settled {
    const head = this.waiting[0]
    const settled: Settled = { flushedCalls: 0, duplicate: false, gap: false, torn: false, lostCalls: 0 }
    if (!head) return settled
    if (result.status === 'duplicate' && result.last > this.highestSent) {
      // Another server than the one that answered before, which knows this writer from earlier: what it has is not what is sent now.
      this.beginWriter()
      for (const held of this.waiting) this.stamp(held)
      return settled
    }
    if (result.status === 'applied' || (result.status === 'duplicate' && result.last >= head.batch.sequence)) {
      settled.duplicate = result.status === 'duplicate'
      settled.flushedCalls = head.totalCalls
      this.acknowledge(head)
      return settled
    }
    settled.gap = result.status === 'gap'
    settled.torn = result.status === 'torn'
    settled.lostCalls = this.resumeAfter(result.last, settled)
    return settled
  }

  /** Gives up a batch that can never be applied; the next one takes its number. Returns the calls that its totals counted: those of fine rows arrive. */
  discardHead(): number {
    const head = this.waiting.shift()
    if (!head) return 0
    this.waitingBytes -= head.bytes
    this.nextSequence = head.batch.sequence
    for (const held of this.waiting) this.stamp(held)
    return head.totalCalls
  }

  private forgetOld(): void {
    const oldest = this.lastAcknowledgedMs - KEEP_MS
    while (this.kept[0] && (this.kept[0].atMs < oldest || this.keptBytes > KEEP_BYTES)) this.forgetOldest()
  }

  private beginWriter(): void {
    this.writer = this.settings.newWriter()
    this.nextSequence = 1
    this.highestSent = 0
    this.kept = []
    this.keptBytes = 0
    this.history = [{ sequence: 0, totalCalls: 0, fineCalls: 0 }]
  }

  private stamp(held: HeldBatch): void {
    held.batch.writer = this.writer
    held.batch.sequence = this.nextSequence++
  }

  private acknowledge(head: HeldBatch): void {
    this.waiting.shift()
    this.waitingBytes -= head.bytes
    const { batch, totalCalls, fineCalls } = head
    const atMs = this.settings.now()
    const contents = head.bytes <= KEEP_AS_IT_IS_BYTES ? batch : JSON.stringify(batch)
    const bytes = typeof contents === 'string' ? contents.length : head.bytes
    this.kept.push({ sequence: batch.sequence, contents, bytes, totalCalls, fineCalls, lostCalls: batch.lostCalls ?? 0, atMs })
    this.keptBytes += bytes
    this.lastAcknowledgedMs = atMs
    this.forgetOld()
  }

  private forgetOldest(): void {
    const oldest = this.kept.shift()
    if (!oldest) return
    this.keptBytes -= oldest.bytes
    const before = this.history.at(-1) as (typeof this.history)[number]
    this.history.push({
      sequence: oldest.sequence,
      totalCalls: before.totalCalls + oldest.totalCalls + oldest.lostCalls,
      fineCalls: before.fineCalls + oldest.fineCalls + oldest.lostCalls,
    })
    // The first entry is the beginning; it stays, for a server that lost everything.
    if (this.history.length > MAX_HISTORY) this.history.splice(1, 1)
  }

  /**
   * The server takes `last + 1` next. What it has is dropped, what it lost and we keep is sent again; what nobody keeps is lost: the rest is
   * numbered anew from `last + 1` and its first batch says how many calls are missing. Returns that number.
   */
  private resumeAfter(last: number, settled: Settled): number {
    const lost = this.kept.filter((batch) => batch.sequence > last)
    for (const held of this.waiting) if (held.batch.sequence <= last) settled.flushedCalls += held.totalCalls
    for (const batch of lost) settled.flushedCalls -= batch.totalCalls
    this.waiting = [...lost.map(unpack), ...this.waiting.filter((held) => held.batch.sequence > last)]
    this.kept = this.kept.filter((batch) => batch.sequence <= last)
    this.keptBytes = this.kept.reduce((sum, batch) => sum + batch.bytes, 0)
    this.waitingBytes = this.waiting.reduce((sum, held) => sum + held.bytes, 0)
    const first = this.waiting[0]
    if (!first || first.batch.sequence === last + 1) return 0
    const lostCalls = this.lostAfter(last)
    this.renumber(last, lostCalls)
    return lostCalls
  }

  /** Calls of batches after `last` that are not held any more. A batch of fine rows alone counts too: something of its calls is missing. */
  private lostAfter(last: number): number {
    const newest = this.history.at(-1) as (typeof this.history)[number]
    const known = this.history.findLast((entry) => entry.sequence <= last) ?? (this.history[0] as (typeof this.history)[number])
    return Math.max(newest.totalCalls - known.totalCalls, newest.fineCalls - known.fineCalls)
  }

  private renumber(last: number, lostCalls: number): void {
    const known = this.history.findLast((entry) => entry.sequence <= last) ?? { totalCalls: 0, fineCalls: 0 }
    this.history = [this.history[0] as (typeof this.history)[number], { ...known, sequence: last }]
    this.nextSequence = last + 1
    this.highestSent = last
    for (const held of this.waiting) this.stamp(held)
    const first = this.waiting[0]
    if (first && lostCalls > 0) first.batch.lostCalls = (first.batch.lostCalls ?? 0) + lostCalls
  }
}

function toHeld(batch: Batch): HeldBatch {
  return { batch, bytes: estimateBytes(batch), ...countRowCalls(batch), sends: 0 }
}

function unpack({ contents, totalCalls, fineCalls }: KeptBatch): HeldBatch {
  const batch = typeof contents === 'string' ? (JSON.parse(contents) as Batch) : contents
  return { batch, bytes: estimateBytes(batch), totalCalls, fineCalls, sends: 0 }
}
