/** What tags gained per hour. */
import { type Call, tagMember } from '@aiwatch/store'
import { pushBoards } from './board-rows.ts'
import { addGain, type HourlyGain, mergeGains } from './hourly-gains.ts'
import type { RowsBuilder } from './rows-builder.ts'

interface TagState {
  member: string
  gains: HourlyGain[] | undefined
}

/** Heap of one tag value in bytes, measured; strings are added by their length. */
const TAG_BYTES = 360
const OTHER_TAG = tagMember('other', 'other')

export class TagRows {
  /** name → value → state. */
  private tags = new Map<string, Map<string, TagState>>()
  private folded: TagState | undefined
  private heldBytes = 0

  get bytes(): number {
    return this.heldBytes
  }

  get isEmpty(): boolean {
    return this.tags.size === 0 && !this.folded
  }

  add(call: Call, endedMs: number): void {
    for (const name in call.tags) {
      const tag = this.tag(name, call.tags[name] as string)
      tag.gains = addGain(tag.gains, call, endedMs)
    }
  }

  drain(builder: RowsBuilder): void {
    const members = [...this.all()].map((tag): [string, HourlyGain[]] => [tag.member, tag.gains ?? []])
    pushBoards(builder, 'tag', members)
    this.tags = new Map()
    this.folded = undefined
    this.heldBytes = 0
  }

  /** Adds all tags to one that stands for many. */
  fold(): void {
    const gains: HourlyGain[] = []
    for (const tag of this.all()) mergeGains(gains, tag.gains ?? [])
    if (gains.length === 0) return
    this.folded = { member: OTHER_TAG, gains }
    this.tags = new Map()
    this.heldBytes = TAG_BYTES
  }

  private *all(): Iterable<TagState> {
    for (const values of this.tags.values()) yield* values.values()
    if (this.folded) yield this.folded
  }

  private tag(name: string, value: string): TagState {
    let values = this.tags.get(name)
    if (!values) {
      values = new Map()
      this.tags.set(name, values)
    }
    let tag = values.get(value)
    if (!tag) {
      tag = { member: tagMember(name, value), gains: undefined }
      values.set(value, tag)
      this.heldBytes += TAG_BYTES + (name.length + value.length) * 2
    }
    return tag
  }
}
