/** Who asks, carried along the asynchronous flow of the program. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Attribution } from './capture-types.ts'
import type { OpenCall } from './open-call.ts'

export interface CaptureContext {
  attribution: Attribution
  /** The call whose attempts the fetches inside are. */
  call?: OpenCall
  /** URL of the exchange that an outer fetch observes: an inner one that is handed the same lets it pass. */
  exchangeUrl?: string
  /** Models of the calls that were seen inside a measured call. */
  seenModels?: Set<string>
}

const EMPTY: CaptureContext = { attribution: {} }

/**
 * One per process, not per copy of this package: an ESM and a CJS copy, or two AIWatch instances, must see each other's calls so that
 * a call that passes both is counted once.
 */
const STORAGE_KEY = Symbol.for('aiwatch.context.v1')
const shared = globalThis as { [STORAGE_KEY]?: AsyncLocalStorage<CaptureContext> }
shared[STORAGE_KEY] ??= new AsyncLocalStorage<CaptureContext>()
const storage = shared[STORAGE_KEY]

export function currentContext(): CaptureContext {
  return storage.getStore() ?? EMPTY
}

export function runInContext<Args extends unknown[], Result>(
  context: CaptureContext,
  fn: (...args: Args) => Result,
  ...args: Args
): Result {
  return storage.run(context, fn, ...args)
}

/** The inner one over the outer one, field by field; tags one by one. */
export function mergeAttribution(outer: Attribution, inner: Attribution): Attribution {
  return {
    user: inner.user ?? outer.user,
    session: inner.session ?? outer.session,
    tags: outer.tags && inner.tags ? { ...outer.tags, ...inner.tags } : (inner.tags ?? outer.tags),
  }
}
