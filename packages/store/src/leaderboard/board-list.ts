import type { CorruptFields } from '../read/corrupt-fields.ts'
import { eachPair, toNumber } from '../read/replies.ts'
import type { Reply } from '../read/round-trips.ts'

/** The head of an hour's leaderboard, best first. */
export interface BoardList {
  /** Start of the hour in seconds since the epoch. */
  hour: number
  members: string[]
  scores: number[]
  /** How many entries were asked for. */
  depth: number
  /** What a member that is not listed has at most: 0 when the list is whole. */
  floor: number
  /** Score by member, made when first needed. */
  byMember?: Map<string, number>
}

/** Bytes of an entry in memory: a string, its header and a number. */
const BYTES_PER_ENTRY = 48

export function bytesOfBoardList(list: BoardList): number {
  return 200 + list.members.length * BYTES_PER_ENTRY
}

/** From the reply of ZRANGE … REV WITHSCORES. */
export function decodeBoardList(reply: Reply, head: { hour: number; depth: number; corrupt: CorruptFields }): BoardList {
  const { hour, depth, corrupt } = head
  const list: BoardList = { hour, members: [], scores: [], depth, floor: 0 }
  let seen = 0
  eachPair(reply, (member, text) => {
    seen++
    const score = corrupt.attempt(() => toNumber(text))
    if (score === undefined) return
    list.members.push(member.toString('utf8'))
    list.scores.push(score)
  })
  if (seen >= depth) list.floor = Math.max(0, list.scores.at(-1) ?? 0)
  return list
}

/** Scores by member. */
export function scoresOf(list: BoardList): Map<string, number> {
  if (!list.byMember) {
    list.byMember = new Map()
    for (const [i, member] of list.members.entries()) list.byMember.set(member, list.scores[i] as number)
  }
  return list.byMember
}
