/** Ties a branch to an object of the platform: a response, a stream. */
import type { Branch } from './branch.ts'
import { ReturnTarget } from './return-target.ts'

class BranchTag extends ReturnTarget {
  #branch: Branch

  constructor(target: object, branch: Branch) {
    super(target)
    this.#branch = branch
  }

  static tie(target: object, branch: Branch): boolean {
    if (#branch in target) target.#branch = branch
    else {
      new BranchTag(target, branch)
      return true
    }
    return false
  }

  static of(target: object): Branch | undefined {
    return #branch in target ? target.#branch : undefined
  }
}

/** Ties `branch` to `target`, in place of the one before. False when there was one: the target is observed already. */
export const tieBranch = BranchTag.tie

/** The branch of an object; undefined when the object is not observed. */
export const findBranch = BranchTag.of

/** The branch of an object that is known to have one. */
export function branchOf(target: object): Branch {
  const branch = findBranch(target)
  if (!branch) throw new TypeError('not an observed object')
  return branch
}
