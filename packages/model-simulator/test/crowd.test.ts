import { describe, expect, test } from 'vitest'
import {
  CrowdLedger,
  type CrowdOptions,
  driveCrowd,
  type PlannedRequest,
  paceCrowd,
  planCrowd,
  Random,
  SCENARIOS,
  Zipf,
} from '../src/index.ts'

const NOON = Date.UTC(2025, 0, 15, 12)
const HOUR_MS = 3_600_000

function take(count: number, options: CrowdOptions): PlannedRequest[] {
  const plan = planCrowd({ startMs: NOON, ...options })
  return Array.from({ length: count }, () => plan.next().value)
}

function until(endMs: number, options: CrowdOptions): PlannedRequest[] {
  const requests: PlannedRequest[] = []
  for (const planned of planCrowd({ startMs: NOON, ...options })) {
    if (planned.atMs >= endMs) return requests
    requests.push(planned)
  }
  return requests
}

const groupBy = <T>(items: T[], key: (item: T) => string) => [...Map.groupBy(items, key).values()]

describe('a plan', () => {
  test('is the same for the same seed and another for another', () => {
    expect(take(500, { seed: 3 })).toEqual(take(500, { seed: 3 }))
    expect(take(500, { seed: 4 })).not.toEqual(take(500, { seed: 3 }))
  })

  test('is in the order of time and begins at the start', () => {
    const requests = take(2000, { requestsPerSecond: 5 })
    expect(requests[0]?.atMs).toBeGreaterThanOrEqual(NOON)
    expect(requests[0]?.atMs).toBeLessThan(NOON + 10_000)
    for (const [at, planned] of requests.slice(1).entries()) expect(planned.atMs).toBeGreaterThanOrEqual(requests[at]?.atMs ?? 0)
  })

  test('keeps its mean rate over days, bursts and wave included, from the first hours on', () => {
    const days = 4
    const requests = until(NOON + days * 24 * HOUR_MS, { requestsPerSecond: 0.5 })
    expect(requests.length / (days * 24 * 3600)).toBeCloseTo(0.5, 1)
  })

  test('follows the hour of the day', () => {
    const options = { requestsPerSecond: 1, waveDepth: 0.8, burstsPerHour: 0, peakHour: 15, utcOffsetHours: 2 }
    const byHour = new Map<number, number>()
    for (const { atMs } of until(NOON + 24 * HOUR_MS, options)) {
      const hour = new Date(atMs).getUTCHours()
      byHour.set(hour, (byHour.get(hour) ?? 0) + 1)
    }
    // Three in the afternoon at UTC+2 is 13 h UTC; the least is twelve hours later.
    expect((byHour.get(13) ?? 0) / (byHour.get(1) ?? 1)).toBeGreaterThan(4)
  })

  test('has bursts: the variance of its minutes is well over that of the same plan without', () => {
    const spread = (burstsPerHour: number) => {
      const scenarios = [{ ...SCENARIOS[0], turns: 1 }] as [(typeof SCENARIOS)[0]]
      const requests = until(NOON + 12 * HOUR_MS, { requestsPerSecond: 2, waveDepth: 0, burstsPerHour, burstFactor: 5, scenarios })
      const counts = groupBy(requests, ({ atMs }) => String(Math.floor(atMs / 60_000))).map((group) => group.length)
      const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
      return counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length / mean
    }
    expect(spread(6)).toBeGreaterThan(4 * spread(0))
  })

  test('has about the planned shares of leavers, faults and retries', () => {
    const requests = take(20_000, { leaverShare: 0.1, faults: { 500: 0.05 }, retriedShare: 0.1 })
    const share = (isOne: (planned: PlannedRequest) => boolean) => requests.filter(isOne).length / requests.length
    expect(share(({ fault, failAttempts }) => fault === '500' && failAttempts === undefined)).toBeCloseTo(0.05, 2)
    expect(share(({ failAttempts }) => failAttempts === 1)).toBeCloseTo(0.095, 2)
    const streams = requests.filter(({ isStream, fault }) => isStream && fault === undefined)
    expect(streams.filter(({ leavesAfterChunks }) => leavesAfterChunks !== undefined).length / streams.length).toBeCloseTo(0.1, 2)
  })

  test('refuses options that are out of range, by name', () => {
    expect(() => take(1, { users: 0 })).toThrow(/^users must be/)
    expect(() => take(1, { requestsPerSecond: Number.NaN })).toThrow(/^requestsPerSecond must be/)
    expect(() => take(1, { leaverShare: 2 })).toThrow(/^leaverShare must be/)
  })
})

describe('sessions', () => {
  const requests = take(20_000, { requestsPerSecond: 20, users: 300 })
  const sessions = groupBy(requests, ({ session }) => session)

  test('belong to one user, app, feature and model, and count their turns', () => {
    for (const turns of sessions) {
      for (const field of ['user', 'app', 'model'] as const) expect(new Set(turns.map((planned) => planned[field])).size).toBe(1)
      const [first] = turns
      expect(turns.map((planned) => planned.turn)).toEqual(turns.map((_, at) => (first?.turn ?? 0) + at))
      expect(turns.every((planned) => planned.tags['feature'] === first?.tags['feature'])).toBe(true)
    }
  })

  test('have several turns with pauses between', () => {
    const several = sessions.filter((turns) => turns.length > 1)
    expect(several.length).toBeGreaterThan(sessions.length / 3)
    for (const turns of several) expect((turns[1]?.atMs ?? 0) - (turns[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(500)
  })

  test('send what was said before again, part of it from the cache', () => {
    expect(requests.some(({ cachedTokens }) => cachedTokens > 0)).toBe(true)
    for (const planned of requests) {
      expect(planned.cachedTokens).toBeLessThanOrEqual(planned.inputTokens)
      expect(planned.reasoningTokens).toBeLessThanOrEqual(planned.outputTokens)
    }
    const chats = sessions.filter((turns) => turns.length >= 4 && turns[0]?.turn === 1 && turns[0]?.operation === 'chat')
    const mean = (turn: number) => chats.reduce((sum, turns) => sum + (turns[turn]?.inputTokens ?? 0), 0) / chats.length
    expect(mean(3)).toBeGreaterThan(2 * mean(0))
  })

  test('are of users by Zipf: rank r as often as 1 ÷ r', () => {
    const zipf = new Zipf(1000, 1)
    const draws = 200_000
    const harmonic = Array.from({ length: 1000 }, (_, rank) => 1 / (rank + 1)).reduce((sum, part) => sum + part, 0)
    const counts = new Array<number>(1000).fill(0)
    const random = new Random(2)
    for (let i = 0; i < draws; i++) {
      const rank = zipf.draw(random)
      counts[rank] = (counts[rank] ?? 0) + 1
    }
    for (const rank of [0, 1, 2, 4, 9, 49]) {
      const expected = draws / harmonic / (rank + 1)
      // Five standard deviations.
      expect(Math.abs((counts[rank] ?? 0) - expected)).toBeLessThan(5 * Math.sqrt(expected))
    }
  })
})

describe('the ledger of a crowd', () => {
  test('adds up the plan by model and by user, and leaves out what is not certain', () => {
    const ledger = new CrowdLedger()
    const requests = take(3000, { leaverShare: 0.2 })
    for (const planned of requests) ledger.add(planned)
    const certain = requests.filter(({ fault, failAttempts, leavesAfterChunks }) => {
      return leavesAfterChunks === undefined && (fault === undefined || fault === 'content_filter' || failAttempts !== undefined)
    })
    const input = certain.reduce((sum, { inputTokens }) => sum + inputTokens, 0)
    expect(ledger.total).toMatchObject({ calls: 3000, inputTokens: input })
    for (const map of [ledger.models, ledger.users]) {
      expect([...map.values()].reduce((sum, totals) => sum + totals.calls, 0)).toBe(3000)
      expect([...map.values()].reduce((sum, totals) => sum + totals.inputTokens, 0)).toBe(input)
    }
    expect(ledger.total.left).toBe(requests.filter(({ leavesAfterChunks }) => leavesAfterChunks !== undefined).length)
  })
})

describe('a driver', () => {
  test('makes every call, bounds those open, survives those that fail, and ends with the sequence', async () => {
    let open = 0
    let most = 0
    const failed: PlannedRequest[] = []
    const requests = take(50, { requestsPerSecond: 5 })
    const ledger = new CrowdLedger()
    await driveCrowd(paceCrowd(requests, { speed: 1e6 }), {
      ledger,
      maxOpen: 4,
      async execute(planned) {
        most = Math.max(most, ++open)
        await new Promise(setImmediate)
        open--
        if (planned === requests[7]) throw new Error('no')
      },
      onError: (_, planned) => failed.push(planned),
    })
    expect(open).toBe(0)
    expect(most).toBe(4)
    expect(failed).toEqual([requests[7]])
    expect(ledger.total.calls).toBe(50)
  })

  test('ends at once when its signal is aborted', async () => {
    const controller = new AbortController()
    const seen: PlannedRequest[] = []
    const pace = paceCrowd(planCrowd({ startMs: NOON, requestsPerSecond: 0.01 }), { signal: controller.signal })
    const done = driveCrowd(pace, { execute: async (planned) => void seen.push(planned) })
    setTimeout(() => controller.abort(), 20)
    await done
    expect(seen).toHaveLength(1)
  })
})
