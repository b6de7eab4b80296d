/**
 * Server-sent events of one tenant. However many listen, Redis is read once a second and an event is made into bytes once; while nobody
 * listens nothing is read. Each listener has the place up to which it was sent calls, so that nothing is sent twice and nothing is left out.
 */
import type { StoreReader } from '@aiwatch/store'
import { type KeptCall, toCallRow } from '../analytics/answers/call-row.ts'
import { readLive } from '../analytics/answers/read-live.ts'
import type { CallRow } from '../contract/index.ts'
import type { Log } from '../log.ts'
import { compareIds, formatEvent } from './event.ts'

export interface Listener {
  wantsLive: boolean
  wantsCalls: boolean
  /** Which calls it wants; undefined: all. */
  test: ((call: CallRow) => boolean) | undefined
  /** Id of the newest call that it knows of; undefined until the first reading after it came. */
  knownId: string | undefined
  /** False when it does not keep up: it is let go. */
  send(text: string): boolean
  /** Ends it in order. */
  end(): void
  /** Cuts it off. */
  cut(): void
}

const TICK_MS = 1000
const HEARTBEAT_TICKS = 15
const MAX_CALLS_PER_EVENT = 200
/** Who comes back gets at most so many calls that it missed. */
const MAX_REPLAYED_CALLS = 1000
/** Before every entry of a Redis stream. */
const FIRST_ID = '0-0'

export interface StreamHubOptions {
  reader: StoreReader
  ask<Answer>(question: () => Promise<Answer>): Promise<Answer>
  log: Log
  /** Between two readings, in milliseconds. Default 1000. */
  tickMs?: number
  /** A heartbeat comes with each so many readings. Default 15. */
  heartbeatTicks?: number
}

export class StreamHub {
  private readonly options: StreamHubOptions
  private readonly listeners = new Set<Listener>()
  private timer: NodeJS.Timeout | undefined
  /** The newest call of the last reading; undefined before the first. */
  private newestId: string | undefined
  private ticks = 0
  private isTicking = false
  private lastTrouble: string | undefined

  constructor(options: StreamHubOptions) {
    this.options = options
  }

  get size(): number {
    return this.listeners.size
  }

  /** What it missed since `knownId` comes with the next reading, within a second. */
  add(listener: Listener): void {
    this.listeners.add(listener)
    if (this.timer) return
    this.timer = setInterval(() => void this.tick(), this.options.tickMs ?? TICK_MS)
    this.timer.unref()
    void this.tick()
  }

  remove(listener: Listener): void {
    this.listeners.delete(listener)
    if (this.listeners.size > 0) return
    clearInterval(this.timer)
    this.timer = undefined
    this.newestId = undefined
  }

  close(): void {
    for (const listener of [...this.listeners]) {
      listener.end()
      this.remove(listener)
    }
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
    const { reader, ask, heartbeatTicks = HEARTBEAT_TICKS } = this.options
    // Only these: who comes while Redis answers is served by the next reading.
    const present = [...this.listeners]
    const isBehind = present.some(
      ({ knownId }) => knownId !== undefined && this.newestId !== undefined && compareIds(knownId, this.newestId) < 0,
    )
    const isFirst = this.newestId === undefined
    const limit = isFirst || isBehind ? MAX_REPLAYED_CALLS : MAX_CALLS_PER_EVENT
    const [live, kept] = await ask(() => Promise.all([readLive(reader, Date.now()), reader.recent({ limit })]))
    const newestId = kept[0]?.id ?? this.newestId ?? FIRST_ID
    this.sendCalls(present, kept, { newestId, limit })
    if (this.listeners.size > 0) this.newestId = newestId
    // After the calls, because the id of this event says that all calls up to it were sent.
    const text = formatEvent('live', newestId, live)
    for (const listener of present) if (listener.wantsLive) this.send(listener, text)
    if (this.ticks % heartbeatTicks === 0) this.broadcast(': heartbeat\n\n', () => true)
  }

  /** `kept`: newest first, at most `limit`. */
  private sendCalls(
    present: readonly Listener[],
    kept: readonly KeptCall[],
    { newestId, limit }: { newestId: string; limit: number },
  ): void {
    const rows = new Map<KeptCall, CallRow>()
    const rowOf = (call: KeptCall) => {
      const row = rows.get(call) ?? toCallRow(call)
      rows.set(call, row)
      return row
    }
    const forAll = new Map<string, string | undefined>()
    const eventOf = (since: string, test: Listener['test']) => {
      const missed = kept.filter(({ id }) => compareIds(id, since) > 0)
      const calls = missed.map(rowOf).reverse()
      const wanted = test ? calls.filter(test) : calls
      const skipped = missed.length === limit
      return wanted.length > 0 || skipped ? formatEvent('calls', newestId, { calls: wanted, skipped }) : undefined
    }
    for (const listener of present) {
      const since = listener.knownId
      listener.knownId = newestId
      if (!listener.wantsCalls || since === undefined || compareIds(newestId, since) <= 0) continue
      if (!listener.test && !forAll.has(since)) forAll.set(since, eventOf(since, undefined))
      const text = listener.test ? eventOf(since, listener.test) : forAll.get(since)
      if (text !== undefined) this.send(listener, text)
    }
  }

  private broadcast(text: string, wants: (listener: Listener) => boolean): void {
    for (const listener of [...this.listeners]) if (wants(listener)) this.send(listener, text)
  }

  private send(listener: Listener, text: string): void {
    if (!this.listeners.has(listener) || listener.send(text)) return
    this.remove(listener)
    listener.cut()
  }
}
