/** The requests of a crowd in the order of time, without end. */
import { deriveSeed, Random } from '../random.ts'
import { type CrowdOptions, resolveCrowdOptions } from './crowd-options.ts'
import { type CrowdSession, nextRequest, pauseMs } from './crowd-session.ts'
import { EventQueue } from './event-queue.ts'
import type { PlannedRequest } from './planned-request.ts'
import type { Scenario } from './scenarios.ts'
import { sessionArrivals } from './session-arrivals.ts'
import { userName } from './user-name.ts'
import { Zipf } from './zipf.ts'

/** Sessions are planned from this long before the start, so that at the start as many are under way as later. */
const WARM_UP_MS = 15 * 60_000

/**
 * Plans at virtual time: nothing waits here (see `paceCrowd`).
 * Throws a RangeError that names the option which is out of range.
 */
export function* planCrowd(options: CrowdOptions = {}): Generator<PlannedRequest, never> {
  const resolved = resolveCrowdOptions(options)
  const { seed, startMs, scenarios } = resolved
  const random = new Random(deriveSeed(seed, 0))
  const users = new Zipf(resolved.users, resolved.zipfExponent)
  const sessionsPerSecond = resolved.requestsPerSecond / meanTurns(scenarios)
  const arrivals = sessionArrivals({ ...resolved, sessionsPerSecond }, startMs - WARM_UP_MS, new Random(deriveSeed(seed, 1)))
  const turns = new EventQueue<CrowdSession>()
  let sessions = 0
  let nextArrival = arrivals.next().value

  for (;;) {
    const dueAt = turns.nextAt
    if (dueAt === undefined || nextArrival < dueAt) {
      const session = newSession(
        { id: `s${seed.toString(36)}-${++sessions}`, user: userName(users.draw(random)), scenario: random.pick(scenarios) },
        random,
      )
      turns.push(nextArrival, session)
      nextArrival = arrivals.next().value
      continue
    }
    const session = turns.pop() as CrowdSession
    const planned = nextRequest(session, dueAt, random, resolved)
    if (session.turn < session.turns) turns.push(dueAt + pauseMs(session.scenario, random), session)
    if (dueAt >= startMs) yield planned
  }
}

function newSession(who: { id: string; user: string; scenario: Scenario }, random: Random): CrowdSession {
  const { model } = random.pick(who.scenario.models)
  return { ...who, model, turn: 0, turns: random.geometric(who.scenario.turns), history: 0 }
}

function meanTurns(scenarios: readonly Scenario[]): number {
  const weight = scenarios.reduce((sum, scenario) => sum + scenario.weight, 0)
  return scenarios.reduce((sum, scenario) => sum + (scenario.weight / weight) * scenario.turns, 0)
}
