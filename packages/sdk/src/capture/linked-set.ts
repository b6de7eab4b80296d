/**
 * A set whose members hold the links themselves. What is added and taken out for each call costs a few writes so: a `Set` would hash every member
 * and make its table anew again and again. A member is in one such set at a time.
 */
export class Linked {
  /** Undefined too for the first one of a set. */
  before: Linked | undefined = undefined
  after: Linked | undefined = undefined
  isLinked = false
}

export class LinkedSet<Member extends Linked> {
  size = 0
  private first: Linked | undefined

  add(member: Member): void {
    if (member.isLinked) return
    member.isLinked = true
    member.after = this.first
    if (this.first) this.first.before = member
    this.first = member
    this.size++
  }

  delete(member: Member): void {
    if (!member.isLinked) return
    const { before, after } = member
    if (before) before.after = after
    else this.first = after
    if (after) after.before = before
    member.before = undefined
    member.after = undefined
    member.isLinked = false
    this.size--
  }

  /** Those of now, newest first: the set may be changed meanwhile. */
  members(): Member[] {
    const members: Member[] = []
    for (let member = this.first; member; member = member.after) members.push(member as Member)
    return members
  }
}
