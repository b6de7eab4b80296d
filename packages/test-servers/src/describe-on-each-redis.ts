import { describe } from 'vitest'
import { findRedisProgram, REDIS_KINDS, type RedisKind, whyMissing } from './redis-kinds.ts'

/**
 * Runs a suite once per kind of Redis, each named by kind and version. A kind that cannot be had here is skipped test by test,
 * with the reason in the name, and so counted. Default: every kind.
 */
export function describeOnEachRedis(name: string, kinds: readonly RedisKind[], suite: (kind: RedisKind) => void): void
export function describeOnEachRedis(name: string, suite: (kind: RedisKind) => void): void
export function describeOnEachRedis(
  name: string,
  kindsOrSuite: readonly RedisKind[] | ((kind: RedisKind) => void),
  maybeSuite?: (kind: RedisKind) => void,
): void {
  const suite = typeof kindsOrSuite === 'function' ? kindsOrSuite : maybeSuite
  const kinds = typeof kindsOrSuite === 'function' ? REDIS_KINDS : kindsOrSuite
  if (!suite) throw new Error('describeOnEachRedis needs a suite')
  for (const kind of kinds) {
    const reason = whyMissing(kind)
    if (reason === undefined) describe(`${name} on ${kind} ${findRedisProgram(kind).version}`, () => suite(kind))
    else describe.skip(`${name} on ${kind} (not here: ${reason})`, () => suite(kind))
  }
}
