import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Linked, LinkedSet } from '../../src/capture/linked-set.ts'

class Member extends Linked {
  readonly name: number

  constructor(name: number) {
    super()
    this.name = name
  }
}

it('holds what a Set holds, whatever is added and taken out, and twice', () => {
  const members = Array.from({ length: 6 }, (_, name) => new Member(name))
  const step = fc.record({ name: fc.nat({ max: 5 }), adds: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const linked = new LinkedSet<Member>()
      const model = new Set<Member>()
      for (const { name, adds } of steps) {
        const member = members[name] as Member
        if (adds) linked.add(member)
        else linked.delete(member)
        if (adds) model.add(member)
        else model.delete(member)
        expect(linked.size).toBe(model.size)
        expect(new Set(linked.members())).toEqual(model)
      }
      for (const member of linked.members()) linked.delete(member)
      expect(linked.members()).toEqual([])
    }),
  )
})
