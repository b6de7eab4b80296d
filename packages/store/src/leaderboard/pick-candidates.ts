import { type BoardList, scoresOf } from './board-list.ts'
import type { BoardUnion } from './board-union.ts'

/** A member that may be among the best: its sum lies in [lower, upper]. */
export interface Candidate {
  member: string
  lower: number
  upper: number
}

export interface Candidates {
  /** By greatest possible sum, descending. */
  list: Candidate[]
  /** What a member that is not a candidate has at most, as far as that can still matter. */
  bound: number
}

export interface Standings {
  /** Closed hours, united. */
  closed: BoardUnion
  /** Hours that still change. */
  open: readonly BoardList[]
}

const zero = (value: number | undefined) => value ?? 0

function stand({ closed, open }: Standings, member: string): Candidate {
  const position = closed.positions.get(member)
  let lower = position === undefined ? 0 : (closed.lowers[position] as number)
  let upper = position === undefined ? closed.floor : (closed.uppers[position] as number)
  for (const list of open) {
    const score = scoresOf(list).get(member)
    lower += zero(score)
    upper += score ?? list.floor
  }
  return { member, lower, upper }
}

/** The `rank`-th greatest of some values; 0 when there are fewer. */
function nthGreatest(values: number[], rank: number): number {
  return zero(values.sort((a, b) => b - a)[rank - 1])
}

/** Whoever can be among the first `limit`, at most `maxCandidates` of them. */
export function pickCandidates(standings: Standings, limit: number, maxCandidates: number): Candidates {
  const { closed, open } = standings
  const openFloor = open.reduce((sum, list) => sum + list.floor, 0)
  const inOpen = new Set(open.flatMap((list) => list.members))
  const candidates = [...inOpen].map((member) => stand(standings, member))
  for (let i = 0; i < Math.min(closed.members.length, 4 * limit); i++) {
    const member = closed.members[i] as string
    if (!inOpen.has(member)) candidates.push(stand(standings, member))
  }
  const threshold = nthGreatest(
    candidates.map((candidate) => candidate.lower),
    limit,
  )
  for (let i = 4 * limit; i < closed.members.length && (closed.uppers[i] as number) + openFloor >= threshold; i++) {
    const member = closed.members[i] as string
    if (!inOpen.has(member)) candidates.push(stand(standings, member))
  }
  const able = candidates.filter((candidate) => candidate.upper >= threshold).sort((a, b) => b.upper - a.upper)
  return { list: able.slice(0, maxCandidates), bound: Math.max(closed.floor + openFloor, zero(able[maxCandidates]?.upper)) }
}
