/** Sends the batches of a queue one by one, oldest first, each until it is acknowledged, and counts what the server answers. */
import type { ApplyResult } from '@aiwatch/store'
import type { RowSource } from '../batch-rows.ts'
import { AIWatchError } from '../errors.ts'
import type { FlushTransport } from './flush-transport.ts'
import type { HeldBatch, OutgoingQueue, Settled } from './outgoing-queue.ts'
import { withDeadline } from './with-deadline.ts'

export interface SendCounts {
  flushedCalls: number
  resentBatches: number
  duplicateBatches: number
  gaps: number
  lostCalls: number
}

export interface SenderSettings {
  queue: OutgoingQueue
  transport: FlushTransport
  source: RowSource
  report(error: AIWatchError): void
  now(): number
}

/** An answer that takes longer counts as none. */
const ANSWER_TIMEOUT_MS = 5000
/** Answers that move the writer back without a batch applied between them, before it is taken for an error. */
const MAX_REPOSITIONS = 5
const REFUSED_REPORT_EVERY_MS = 60_000

export class BatchSender {
  readonly counts: SendCounts = { flushedCalls: 0, resentBatches: 0, duplicateBatches: 0, gaps: 0, lostCalls: 0 }
  private readonly settings: SenderSettings
  private lastRefusedReportMs = Number.NEGATIVE_INFINITY

  constructor(settings: SenderSettings) {
    this.settings = settings
  }

  /** Resolves when every batch of the queue is acknowledged; rejects when one is not, which is still the first of the queue then. */
  async sendAll(): Promise<void> {
    const { queue } = this.settings
    let repositions = 0
    for (let head = queue.head; head; head = queue.head) {
      const settled = await this.send(head)
      repositions = settled?.gap || settled?.torn ? repositions + 1 : 0
      if (repositions > MAX_REPOSITIONS) throw new Error('the server answers a gap again and again')
    }
  }

  /** Undefined when the batch was given up. */
  private async send(head: HeldBatch): Promise<Settled | undefined> {
    const { queue, source } = this.settings
    if (head.sends > 0) {
      source.noteResent(1)
      this.counts.resentBatches++
    }
    queue.noteSent(head)
    const result = await this.answer(head)
    if (!result) return undefined
    const settled = queue.settle(result)
    this.counts.flushedCalls += settled.flushedCalls
    if (settled.duplicate) this.counts.duplicateBatches++
    if (settled.gap || settled.torn) this.noteLoss(settled)
    if (result.status === 'applied' && result.refusedOperations > 0) this.noteRefused(result.refusedOperations, result.firstRefusal)
    return settled
  }

  private async answer(head: HeldBatch): Promise<ApplyResult | undefined> {
    const { transport } = this.settings
    try {
      return await withDeadline(transport.apply(head.batch), { deadlineMs: ANSWER_TIMEOUT_MS, what: 'no answer', holdsProcess: false })
    } catch (error) {
      if (transport.isHopeless(error)) {
        this.giveUp(error)
        return undefined
      }
      transport.reset()
      throw error
    }
  }

  private giveUp(cause: unknown): void {
    const { queue, report, source } = this.settings
    const calls = queue.discardHead()
    source.noteDropped(calls)
    report(new AIWatchError('internal', `a batch cannot be applied, ${calls} calls are dropped: ${(cause as Error).message}`, { cause }))
  }

  private noteLoss(settled: Settled): void {
    const { report, transport } = this.settings
    this.counts.gaps++
    this.counts.lostCalls += settled.lostCalls
    const what = settled.torn ? 'has half of a batch after a crash' : 'lost batches that it had acknowledged'
    const missing = settled.lostCalls > 0 ? `${settled.lostCalls} calls are lost` : 'what it lost is sent again'
    report(new AIWatchError('lost', `${transport.target} ${what}; ${missing}`))
  }

  private noteRefused(operations: number, first: string | undefined): void {
    const { now, report, transport } = this.settings
    if (now() - this.lastRefusedReportMs < REFUSED_REPORT_EVERY_MS) return
    this.lastRefusedReportMs = now()
    report(
      new AIWatchError('refused', `${transport.target} refused ${operations} operations of a batch, first: ${first ?? 'no reason given'}`),
    )
  }
}
