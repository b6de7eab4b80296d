/** What the Redis user may do of what is needed. Nothing is changed: a script asks Redis, which runs none of the commands. */
import { tenantKeys } from '@aiwatch/store'
import { type Check, isRefused, ok, problem, unknown, type Verdict } from './finding.ts'
import type { LookedAtRedis } from './open-redis.ts'

const WRITER = [
  'HMGET',
  'HGET',
  'HSET',
  'HSETNX',
  'HLEN',
  'ZMSCORE',
  'ZADD',
  'ZREMRANGEBYSCORE',
  'EXPIRE',
  'EXPIREAT',
  'PFADD',
  'XADD',
  'GET',
  'SET',
]
const READER = ['HGETALL', 'HMGET', 'HGET', 'HLEN', 'ZCOUNT', 'ZRANGE', 'ZMSCORE', 'PFCOUNT', 'XREVRANGE', 'GET']
const MODULE = ['TS.CREATE', 'TS.ADD', 'TS.GET', 'TS.RANGE', 'EXPIRETIME', 'HDEL', 'ZREM']

/** Answers the commands that are refused. One that the server does not have raises an error, which is not a refusal. */
const SCRIPT = `#!lua
local refused = {}
for i = 1, #ARGV do
  local known, may = pcall(redis.acl_check_cmd, ARGV[i], KEYS[1])
  if known and not may then refused[#refused + 1] = ARGV[i] end
end
return refused`

async function checkPermissions({ redis, server }: LookedAtRedis, tenant: string): Promise<Verdict> {
  const needed = [...new Set([...WRITER, ...READER, ...(server.timeseriesVersion ? MODULE : [])])]
  const { integrity } = tenantKeys(tenant)
  const advice = 'ACL SETUSER <user> ~aiw:* ~*metrics:* +@all -@admin -@dangerous +info'
  try {
    const refused = (await redis.call('EVAL', SCRIPT, '1', integrity, ...needed)) as string[]
    if (refused.length === 0) return ok(`the user may do all that is needed on the keys of tenant ${tenant}`)
    if (refused.length === needed.length) return problem(`the user may do nothing on the keys aiw:{${tenant}}:*`, advice)
    return problem(`the user may not: ${refused.join(', ')}`, advice)
  } catch (error) {
    const { message } = error as Error
    if (/NOPERM/.test(message)) return problem('the user may not run scripts on these keys (EVAL): nothing can be written', advice)
    if (isRefused(error) || /acl_check_cmd|Unexpected engine/.test(message)) return unknown('what the user may do: not allowed to look')
    throw error
  }
}

export function permissionChecks(looked: LookedAtRedis, tenant: string): Check[] {
  return [{ name: 'permissions', run: () => checkPermissions(looked, tenant) }]
}
