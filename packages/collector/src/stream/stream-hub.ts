/**
 * Server-sent events of one tenant. However many listen, Redis is read once a second and an event is made into bytes once; while nobody
 * listens nothing is read.
 */
import type { StoreReader } from '@aiwatch/store'
import { type KeptCall, toCallRow } from '../analytics/answers/call-row.ts'
import { readLive } from '../analytics/answers/read-live.ts'
import type { CallRow } from '../contract/index.ts'
import type { Log } from '../log.ts'

export interface Listener {
  wantsLive: boolean
  wantsCalls: boolean
  /** Which calls it wants; undefined: all. */
  test: ((call: CallRow) => boolean) | undefined
  /** False when it does not keep up: it is let go. */
  send(text: string): boolean
  end(): void
}

const TICK_MS = 1000
const HEARTBEAT_TICKS = 15
const MAX_CALLS_PER_EVENT = 200
/** A resumed stream gets at most so many calls that it missed. */
const MAX_REPLAYED_CALLS = 1000
const STREAM_ID = /^(\d{1,20})-(\d{1,20})$/

export function isEntryId(text: string): boolean {
  return STREAM_ID.test(text)
}

function compareIds(a: string, b: string): number {
  const [, aMs = '0', aSequence = '0'] = STREAM_ID.exec(a) ?? []
  const [, bMs = '0', bSequence = '0'] = STREAM_ID.exec(b) ?? []
  const difference = BigInt(aMs) - BigInt(bMs) || BigInt(aSequence) - BigInt(bSequence)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

export function formatEvent(event: string, id: string | undefined, data: unknown): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}

export interface StreamHubOptions {
  reader: StoreReader
  ask<Answer>(question: () => Promise<Answer>): Promise<Answer>
  log: Log
}

export class StreamHub {
  private readonly options: StreamHubOptions
  private readonly listeners = new Set<Listener>()
  private timer: NodeJS.Timeout | undefined
  private lastId: string | undefined
  private ticks = 0
  private isTicking = false
  private lastTrouble: string | undefined

  constructor(options: StreamHubOptions) {
    this.options = options
  }

  get size(): number {
    return this.listeners.size
  }

  /** `lastEventId`: the calls since then are sent first. */
  async add(listener: Listener, lastEventId: string | undefined): Promise<void> {
    if (listener.wantsCalls && lastEventId !== undefined) await this.replay(listener, lastEventId)
    this.listeners.add(listener)
    if (this.timer) return
    this.timer = setInterval(() => void this.tick(), TICK_MS)
    this.timer.unref()
    void this.tick()
  }

  remove(listener: Listener): void {
    this.listeners.delete(listener)
    if (this.listeners.size > 0) return
    clearInterval(this.timer)
    this.timer = undefined
    this.lastId = undefined
  }

  close(): void {
    for (const listener of [...this.listeners]) {
      listener.end()
      this.remove(listener)
    }
  }

  private async replay(listener: Listener, lastEventId: string): Promise<void> {
    const { reader, ask } = this.options
    const newest = await ask(() => reader.recent({ limit: MAX_REPLAYED_CALLS }))
    const missed = newest.filter(({ id }) => compareIds(id, lastEventId) > 0)
    this.sendCalls(listener, missed, missed.length === newest.length && newest.length === MAX_REPLAYED_CALLS)
  }

  private async tick(): Promise<void> {
    if (this.isTicking) return
    this.isTicking = true
    try {
      this.ticks++
      await this.read()
      this.lastTrouble = undefined
    } catch (error) {
      const reason = (error as Error).message
      if (this.lastTrouble !== reason) this.options.log.error('the stream could not be read', { error: reason })
      this.lastTrouble = reason
      this.broadcast(formatEvent('trouble', undefined, { detail: reason }), () => true)
    } finally {
      this.isTicking = false
    }
  }

  private async read(): Promise<void> {
    const { reader, ask } = this.options
    const [live, newest] = await ask(() => Promise.all([readLive(reader, Date.now()), reader.recent({ limit: MAX_CALLS_PER_EVENT })]))
    const since = this.lastId
    this.lastId = newest[0]?.id ?? since
    this.broadcast(formatEvent('live', this.lastId, live), (listener) => listener.wantsLive)
    if (this.ticks % HEARTBEAT_TICKS === 0) this.broadcast(': heartbeat\n\n', () => true)
    if (since === undefined) return
    const fresh = newest.filter(({ id }) => compareIds(id, since) > 0)
    if (fresh.length === 0) return
    const skipped = fresh.length === MAX_CALLS_PER_EVENT
    const all = this.eventOf(fresh.map(toCallRow).reverse(), skipped, this.lastId)
    for (const listener of [...this.listeners]) {
      if (!listener.wantsCalls) continue
      if (listener.test) this.sendCalls(listener, fresh, skipped)
      else if (!listener.send(all)) this.letGo(listener)
    }
  }

  private eventOf(calls: CallRow[], skipped: boolean, id: string | undefined): string {
    return formatEvent('calls', id, { calls, skipped })
  }

  /** `kept`: newest first. */
  private sendCalls(listener: Listener, kept: readonly KeptCall[], skipped: boolean): void {
    const rows = kept.map(toCallRow).reverse()
    const wanted = listener.test ? rows.filter(listener.test) : rows
    if (wanted.length === 0) return
    if (!listener.send(this.eventOf(wanted, skipped, kept[0]?.id))) this.letGo(listener)
  }

  private broadcast(text: string, wants: (listener: Listener) => boolean): void {
    for (const listener of [...this.listeners]) if (wants(listener) && !listener.send(text)) this.letGo(listener)
  }

  private letGo(listener: Listener): void {
    this.remove(listener)
    listener.end()
  }
}
