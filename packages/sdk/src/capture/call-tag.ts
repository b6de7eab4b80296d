/** Ties a call to the options of its request by a private field: a retry with these options goes on with that call. */
import type { OpenCall } from './open-call.ts'
import { ReturnTarget } from './return-target.ts'

class CallTag extends ReturnTarget {
  #call: OpenCall

  constructor(target: object, call: OpenCall) {
    super(target)
    this.#call = call
  }

  static tie(target: object, call: OpenCall): void {
    if (#call in target) target.#call = call
    else new CallTag(target, call)
  }

  static of(target: object): OpenCall | undefined {
    return typeof target === 'object' && target !== null && #call in target ? target.#call : undefined
  }
}

export const tieCall = CallTag.tie

/** The call whose answer was handed over to a request with these options. */
export const findCall = CallTag.of
