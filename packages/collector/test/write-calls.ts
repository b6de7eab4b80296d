/** Calls as a writer would send them, rolled up the plain way: the tests compare what is read with sums of these lists. */
import {
  applyBatch,
  BATCH_VERSION,
  type Batch,
  type Board,
  bucketStart,
  type Call,
  CODE,
  callsCode,
  type ErrorType,
  emptyIntegrity,
  isError,
  latencyHistogramCode,
  type Outcome,
  SKETCH_LEVELS,
  type SketchKind,
  type SketchLevel,
  type SketchRow,
  type SparseVector,
  sessionKey,
  sketchIndex,
  splitBatch,
  TIERS,
  type Tier,
  tagMember,
  toCell,
  toRecentRow,
  userKey,
} from '@aiwatch/store'
import type { Redis } from 'ioredis'

export interface TestCall {
  endedMs: number
  app: string
  provider: string
  model: string
  user?: string
  session?: string
  outcome: Outcome
  inputTokens: number
  outputTokens: number
  durationMs: number
  /** null: unknown price. */
  costNanoUsd: number | null
  firstTokenMs?: number
  prefillMs?: number
  decodeMs?: number
  perOutputTokenMs?: number
  generationMs?: number
  tags?: Record<string, string>
  cacheReadTokens?: number
  cacheSavedNanoUsd?: number
  wastedNanoUsd?: number
  wastedAttempts?: number
}

export function testCall(call: Partial<TestCall> & { endedMs: number }): TestCall {
  return {
    app: 'shop',
    provider: 'openai',
    model: 'gpt-4o',
    outcome: 'ok',
    inputTokens: 100,
    outputTokens: 20,
    durationMs: 500,
    costNanoUsd: 1_000_000,
    ...call,
  }
}

type Sums = Map<number, number>

function add(sums: Sums, code: number, value: number): void {
  if (value !== 0) sums.set(code, (sums.get(code) ?? 0) + value)
}

const toVector = (sums: Sums): SparseVector => [...sums].sort((a, b) => a[0] - b[0]).flat()

class Grouped<Key> {
  private readonly groups = new Map<string, { key: Key; sums: Sums }>()

  of(key: Key): Sums {
    const name = JSON.stringify(key)
    let group = this.groups.get(name)
    if (!group) {
      group = { key, sums: new Map() }
      this.groups.set(name, group)
    }
    return group.sums
  }

  rows(): { key: Key; values: SparseVector }[] {
    return [...this.groups.values()].map(({ key, sums }) => ({ key, values: toVector(sums) }))
  }
}

function addCall(sums: Sums, call: TestCall): void {
  add(sums, callsCode(call.outcome), 1)
  add(sums, CODE.inputTokens, call.inputTokens)
  add(sums, CODE.outputTokens, call.outputTokens)
  add(sums, CODE.costNanoUsd, call.costNanoUsd ?? 0)
  add(sums, CODE.unpricedCalls, call.costNanoUsd === null ? 1 : 0)
  add(sums, CODE.durationMs, call.durationMs)
  add(sums, CODE.firstTokenMs, call.firstTokenMs ?? 0)
  add(sums, CODE.prefillMs, call.prefillMs ?? 0)
  add(sums, CODE.decodeMs, call.decodeMs ?? 0)
  add(sums, CODE.generationMs, call.generationMs ?? 0)
  add(sums, CODE.cacheReadTokens, call.cacheReadTokens ?? 0)
  add(sums, CODE.cacheSavedNanoUsd, call.cacheSavedNanoUsd ?? 0)
  add(sums, CODE.wastedNanoUsd, call.wastedNanoUsd ?? 0)
  add(sums, CODE.wastedAttempts, call.wastedAttempts ?? 0)
}

function userTotals(calls: readonly TestCall[]): SparseVector {
  const sums: Sums = new Map()
  for (const call of calls) {
    add(sums, CODE.inputTokens, call.inputTokens)
    add(sums, CODE.outputTokens, call.outputTokens)
    add(sums, CODE.costNanoUsd, call.costNanoUsd ?? 0)
    add(sums, CODE.calls, 1)
    add(sums, CODE.errors, isError(call.outcome) ? 1 : 0)
  }
  return toVector(sums)
}

function toRecent(call: TestCall, id: number): Call {
  return {
    id: `call-${call.endedMs}-${id}`,
    startedAt: call.endedMs - call.durationMs,
    app: call.app,
    provider: call.provider,
    model: call.model,
    requestModel: call.model,
    operation: 'chat',
    stream: false,
    ...(call.user === undefined ? {} : { user: call.user }),
    ...(call.session === undefined ? {} : { session: call.session }),
    tags: call.tags ?? {},
    usage: {
      inputTokens: call.inputTokens,
      outputTokens: call.outputTokens,
      cacheReadTokens: call.cacheReadTokens ?? 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
      source: 'reported',
    },
    costNanoUsd: call.costNanoUsd,
    cacheSavedNanoUsd: 0,
    durationMs: call.durationMs,
    ...(call.firstTokenMs === undefined ? {} : { timeToFirstTokenMs: call.firstTokenMs }),
    outcome: call.outcome,
    attempts: 1,
    wastedTokens: 0,
    wastedNanoUsd: 0,
  }
}

function addToBoards(boards: Grouped<{ board: Board; start: number; member: string }>, call: TestCall): void {
  const start = bucketStart(call.endedMs, 3600)
  const gains = { tokens: call.inputTokens + call.outputTokens, calls: 1, cost: call.costNanoUsd ?? 0 }
  for (const [name, gained] of Object.entries(gains) as [keyof typeof gains, number][]) {
    if (gained === 0) continue
    if (call.user !== undefined) add(boards.of({ board: `user_${name}`, start, member: userKey(call.user) }), 0, gained)
    for (const [tag, value] of Object.entries(call.tags ?? {}))
      add(boards.of({ board: `tag_${name}`, start, member: tagMember(tag, value) }), 0, gained)
  }
}

function daysOf(calls: readonly TestCall[]): Batch['days'] {
  const days = new Map<number, Set<string>>()
  for (const { user, endedMs } of calls) {
    if (user === undefined) continue
    const start = bucketStart(endedMs, 86_400)
    days.set(start, (days.get(start) ?? new Set()).add(userKey(user)))
  }
  return [...days].map(([start, users]) => [start, [...users]])
}

function byUser(calls: readonly TestCall[]): Map<string, TestCall[]> {
  const users = new Map<string, TestCall[]>()
  for (const call of calls) {
    if (call.user === undefined) continue
    const known = users.get(call.user)
    if (known) known.push(call)
    else users.set(call.user, [call])
  }
  return users
}

export function toBatch(
  calls: readonly TestCall[],
  { writer, sequence, tenant = 'default' }: { writer: string; sequence: number; tenant?: string },
): Batch {
  const cells = [
    ...new Map(calls.map((call) => [toCell(call.app, call.provider, call.model).id, toCell(call.app, call.provider, call.model)])).values(),
  ]
  const indexOf = (call: TestCall) => cells.findIndex((cell) => cell.id === toCell(call.app, call.provider, call.model).id)
  const series = new Grouped<{ tier: Tier; start: number; cell: number }>()
  const totals = new Grouped<number>()
  const sketches = new Grouped<{ kind: SketchKind; level: SketchLevel; start: number; cell: number | 'all' }>()
  const boards = new Grouped<{ board: Board; start: number; member: string }>()
  const errors = new Grouped<{ type: ErrorType; cell: number }>()
  for (const call of calls) {
    const cell = indexOf(call)
    for (const tier of Object.keys(TIERS) as Tier[])
      addCall(series.of({ tier, start: bucketStart(call.endedMs, TIERS[tier].seconds), cell }), call)
    addCall(totals.of(cell), call)
    add(totals.of(cell), latencyHistogramCode(call.durationMs), 1)
    for (const level of Object.keys(SKETCH_LEVELS) as SketchLevel[]) {
      const start = bucketStart(call.endedMs, SKETCH_LEVELS[level].seconds)
      add(sketches.of({ kind: 'latency', level, start, cell: 'all' }), sketchIndex(call.durationMs), 1)
      if (level === '10s') continue
      add(sketches.of({ kind: 'latency', level, start, cell }), sketchIndex(call.durationMs), 1)
      for (const [kind, measured] of [
        ['first_token', call.firstTokenMs],
        ['per_output_token', call.perOutputTokenMs],
      ] as const) {
        if (measured === undefined) continue
        for (const of of [cell, 'all'] as const) add(sketches.of({ kind, level, start, cell: of }), sketchIndex(measured), 1)
      }
    }
    addToBoards(boards, call)
    if (isError(call.outcome)) {
      const pattern = errors.of({ type: call.outcome, cell })
      add(pattern, CODE.calls, 1)
      pattern.set(CODE.lastSeenMs, Math.max(pattern.get(CODE.lastSeenMs) ?? 0, call.endedMs))
      pattern.set(CODE.firstSeenMs, Math.min(pattern.get(CODE.firstSeenMs) ?? Number.POSITIVE_INFINITY, call.endedMs))
    }
  }
  const users = [...byUser(calls)]
  return {
    version: BATCH_VERSION,
    tenant,
    writer,
    sequence,
    cells,
    series: series.rows().map(({ key, values }) => ({ ...key, values })),
    totals: totals.rows().map(({ key, values }) => ({ cell: key, values })),
    sketches: sketches.rows().map(({ key, values }): SketchRow => ({ ...key, counts: values })),
    seen: users.map(([user, own]) => ({
      user: userKey(user),
      lastSeenMs: Math.max(...own.map((call) => call.endedMs)),
      sessions: [...new Set(own.flatMap((call) => call.session ?? []))].map((session) => [
        sessionKey(user, session),
        Math.max(...own.filter((call) => call.session === session).map((call) => call.endedMs)),
      ]),
    })),
    users: users.map(([user, own]) => ({
      user: userKey(user),
      name: user,
      totals: [
        ...userTotals(own),
        CODE.lastSeenMs,
        Math.max(...own.map((call) => call.endedMs)),
        CODE.firstSeenMs,
        Math.min(...own.map((call) => call.endedMs)),
      ],
      cells: cells
        .map((_, index) => [index, userTotals(own.filter((call) => indexOf(call) === index))] as [number, SparseVector])
        .filter(([, values]) => values.length > 0),
    })),
    boards: boards.rows().map(({ key, values }) => ({ board: key.board, start: key.start, entries: [[key.member, values[1] ?? 0]] })),
    errors: errors.rows().map(({ key, values }) => ({ ...key, values })),
    recent: calls.map((call, id) => toRecentRow(toRecent(call, id), toCell(call.app, call.provider, call.model).id)),
    integrity: emptyIntegrity(),
    days: daysOf(calls),
  }
}

/** Sends calls as one writer does, in batches of the size that one script takes. */
export class CallWriter {
  private readonly redis: Redis
  private readonly tenant: string
  private readonly writer = `test-${Math.random().toString(36).slice(2)}`
  private sequence = 1

  constructor(redis: Redis, tenant = 'default') {
    this.redis = redis
    this.tenant = tenant
  }

  async write(calls: readonly TestCall[]): Promise<void> {
    for (const contents of splitBatch(toBatch(calls, { writer: this.writer, sequence: 1, tenant: this.tenant }))) {
      const result = await applyBatch(this.redis, { ...contents, sequence: this.sequence })
      if (result.status !== 'applied') throw new Error(`batch ${this.sequence} was answered ${result.status}`)
      if (result.refusedOperations > 0) throw new Error(`refused: ${result.firstRefusal}`)
      this.sequence++
    }
  }
}
