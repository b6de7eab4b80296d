/** Series that agree in their labels, together. */
import type { Labels } from './planned-query.ts'

export interface Group<Member> {
  labels: Labels
  members: Member[]
}

const pick = (labels: Labels, names: readonly string[]): Labels => Object.fromEntries(names.map((name) => [name, labels[name] ?? '']))

/** In order of their labels. Without `groupBy` each member is a group. */
export function groupMembers<Member extends { labels: Labels }>(members: readonly Member[], groupBy: readonly string[] | undefined) {
  const groups = new Map<string, Group<Member>>()
  for (const member of members) {
    const labels = groupBy ? pick(member.labels, groupBy) : member.labels
    const name = JSON.stringify(Object.values(labels))
    const group = groups.get(name)
    if (group) group.members.push(member)
    else groups.set(name, { labels, members: [member] })
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
}
