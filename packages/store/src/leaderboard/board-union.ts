import { type BoardList, scoresOf } from './board-list.ts'

/** What is known of the members of some lists: the sum of the scores listed, and the most that their whole sum can be. */
export interface BoardUnion {
  lists: readonly BoardList[]
  /** By greatest possible sum, descending. */
  members: string[]
  lowers: number[]
  uppers: number[]
  positions: Map<string, number>
  /** What a member of no list has at most. */
  floor: number
}

interface Known {
  member: string
  lower: number
  /** Floors of the lists that name the member: it cannot have these on top of its scores. */
  floorsLeftOut: number
}

function uniteLists(lists: readonly BoardList[]): BoardUnion {
  const known = new Map<string, Known>()
  let floor = 0
  for (const list of lists) {
    floor += list.floor
    for (let i = 0; i < list.members.length; i++) {
      const member = list.members[i] as string
      const entry = known.get(member)
      if (entry) {
        entry.lower += list.scores[i] as number
        entry.floorsLeftOut += list.floor
      } else known.set(member, { member, lower: list.scores[i] as number, floorsLeftOut: list.floor })
    }
  }
  const upper = (entry: Known) => entry.lower + Math.max(0, floor - entry.floorsLeftOut)
  const sorted = [...known.values()].sort((a, b) => upper(b) - upper(a))
  return {
    lists,
    members: sorted.map((entry) => entry.member),
    lowers: sorted.map((entry) => entry.lower),
    uppers: sorted.map(upper),
    positions: new Map(sorted.map((entry, i) => [entry.member, i])),
    floor,
  }
}

/** Lists that do not name the member and are not whole: its score there has to be asked. */
export function listsToAsk(lists: readonly BoardList[], member: string): BoardList[] {
  return lists.filter((list) => list.floor > 0 && !scoresOf(list).has(member))
}

/** The last unions made, by board: a dashboard asks for the same closed hours again and again. */
export class UnionMemory {
  private readonly unions: BoardUnion[] = []
  private readonly limit = 8

  unionOf(lists: readonly BoardList[]): BoardUnion {
    const found = this.unions.findIndex((union) => sameLists(union.lists, lists))
    const union = found >= 0 ? (this.unions.splice(found, 1)[0] as BoardUnion) : uniteLists(lists)
    this.unions.unshift(union)
    this.unions.length = Math.min(this.unions.length, this.limit)
    return union
  }
}

function sameLists(a: readonly BoardList[], b: readonly BoardList[]): boolean {
  return a.length === b.length && a.every((list, i) => list === b[i])
}
