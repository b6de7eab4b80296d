/**
 * Who gained most over several hours, without reading whole boards: the threshold algorithm (Fagin, Lotem, Naor: "Optimal aggregation
 * algorithms for middleware", PODS 2001). The heads of the hourly boards name candidates and bound what the others can have; the
 * candidates' missing scores are then asked for by name.
 */
import type { Board } from '../batch.ts'
import type { TenantKeys } from '../keys.ts'
import type { BucketPart, CachedBuckets } from '../read/cached-buckets.ts'
import type { CorruptFields } from '../read/corrupt-fields.ts'
import { asBuffers, toNumber } from '../read/replies.ts'
import type { RoundTrips } from '../read/round-trips.ts'
import type { TopEntry } from '../read/store-reader.ts'
import { keptStarts } from '../series/bucket-range.ts'
import { SETTLE_SECONDS } from '../series-catalogue.ts'
import { type BoardList, bytesOfBoardList, decodeBoardList } from './board-list.ts'
import { listsToAsk, UnionMemory } from './board-union.ts'
import { type Candidate, pickCandidates } from './pick-candidates.ts'

const HOUR = { seconds: 3600, keepSeconds: 7 * 24 * 3600 }
/** How many entries of an hour's board are read. */
export interface BoardDepths {
  /** Of an hour that still changes: read each time. */
  open: number
  /** Of a closed hour, whose entries are cached; and the most that are read of any. */
  max: number
}

const DEPTHS: BoardDepths = { open: 128, max: 1000 }
const MAX_LIMIT = 1000
const MAX_CANDIDATES = 5000

export interface BoardSources {
  keys: TenantKeys
  trips: RoundTrips
  corrupt: CorruptFields
  cached: CachedBuckets
  /** The server's clock, as well as it is known. */
  nowSeconds: () => number
  depths?: BoardDepths
}

export interface TopQuestion {
  board: Board
  fromSeconds: number
  toSeconds: number
  limit: number
}

interface HourPart extends BucketPart {
  hour: number
  depth: number
}

interface Ranking {
  entries: TopEntry[]
  /** Whether a deeper look can make it exact. */
  deepen: boolean
}

/** Told who may be among the best before their scores are known, so that more can be asked about them in the same round trip. */
export type OnCandidates = (members: string[]) => void

export class TopReading {
  private readonly sources: BoardSources
  private readonly memory = new UnionMemory()
  private readonly depths: BoardDepths

  constructor(sources: BoardSources) {
    this.sources = sources
    this.depths = sources.depths ?? DEPTHS
  }

  async top(question: TopQuestion, onCandidates?: OnCandidates): Promise<TopEntry[]> {
    const { fromSeconds, toSeconds, limit } = question
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
      throw new RangeError(`limit must be an integer from 1 to ${MAX_LIMIT}, got ${limit}`)
    const now = this.sources.nowSeconds()
    const max = Math.max(this.depths.max, limit)
    const hours = keptStarts(HOUR, Math.floor(fromSeconds / HOUR.seconds) * HOUR.seconds, toSeconds, now)
    const openDepth = Math.min(max, Math.max(this.depths.open, limit))
    const isOpen = (hour: number) => hour + HOUR.seconds + SETTLE_SECONDS > now
    const shallow = await this.readLists(question.board, hours, (hour) => (isOpen(hour) ? openDepth : max))
    const first = await this.rank(question, shallow, onCandidates)
    if (!first.deepen) return first.entries
    const deep = await this.readLists(question.board, hours, () => max)
    return (await this.rank(question, deep, onCandidates)).entries
  }

  private readLists(board: Board, hours: number[], depthOf: (hour: number) => number): Promise<BoardList[]> {
    const { keys, trips, corrupt, cached } = this.sources
    return cached.through<HourPart, BoardList>({
      parts: hours.map((hour) => ({
        member: `b:${hour}`,
        part: `${board}:${depthOf(hour)}`,
        hour,
        depth: depthOf(hour),
        cacheableFromSeconds: hour + HOUR.seconds + SETTLE_SECONDS,
      })),
      read: (missing) =>
        Promise.all(
          missing.map(async ({ hour, depth }) => {
            const reply = await trips.ask('ZRANGE', [keys.board(board, hour), 0, depth - 1, 'REV', 'WITHSCORES'])
            return decodeBoardList(reply, { hour, depth, corrupt })
          }),
        ),
      bytesOf: bytesOfBoardList,
    })
  }

  private async rank({ board, limit }: TopQuestion, lists: BoardList[], onCandidates?: OnCandidates): Promise<Ranking> {
    const settledBefore = this.sources.nowSeconds() - HOUR.seconds - SETTLE_SECONDS
    const closed = this.memory.unionOf(lists.filter((list) => list.hour <= settledBefore))
    const open = lists.filter((list) => list.hour > settledBefore)
    const { list: candidates, bound } = pickCandidates({ closed, open }, limit, MAX_CANDIDATES)
    onCandidates?.(candidates.map((candidate) => candidate.member))
    const missing = await this.missingScores(board, lists, candidates)
    const entries = candidates
      .map(({ member, lower }) => ({ member, value: lower + (missing.get(member) ?? 0) }))
      .sort((a, b) => b.value - a.value || (a.member < b.member ? -1 : 1))
      .slice(0, limit)
    const last = entries.length < limit ? 0 : (entries.at(-1)?.value ?? 0)
    const deepen = bound > last && lists.some((list) => list.floor > 0 && list.depth < Math.max(this.depths.max, limit))
    return { entries: entries.map((entry) => ({ ...entry, error: Math.max(0, bound - entry.value) })), deepen }
  }

  /** What the candidates gained in the hours whose list does not name them, summed. */
  private async missingScores(board: Board, lists: BoardList[], candidates: Candidate[]): Promise<Map<string, number>> {
    const { keys, trips, corrupt } = this.sources
    const questions = new Map<BoardList, string[]>()
    for (const { member } of candidates) {
      for (const list of listsToAsk(lists, member)) {
        const members = questions.get(list)
        if (members) members.push(member)
        else questions.set(list, [member])
      }
    }
    const sums = new Map<string, number>()
    await Promise.all(
      [...questions].map(async ([list, members]) => {
        const scores = asBuffers(await trips.ask('ZMSCORE', [keys.board(board, list.hour), ...members]))
        for (const [i, text] of scores.entries()) {
          const score = text ? corrupt.attempt(() => toNumber(text)) : undefined
          const member = members[i] as string
          if (score !== undefined) sums.set(member, (sums.get(member) ?? 0) + score)
        }
      }),
    )
    return sums
  }
}
