/** The server itself: version, role, persistence, memory. */

import { type Check, ifAllowed, NOT_ALLOWED, ok, problem, type Verdict, warning } from './finding.ts'
import type { LookedAtRedis } from './open-redis.ts'

const LEAST_MAJOR = 7
const NEARLY_FULL = 0.9
const FILLING = 0.75

const MIB = 1024 * 1024
const megabytes = (bytes: number) => `${Math.round(bytes / MIB)} MiB`

function checkVersion({ fields, server }: LookedAtRedis): Verdict {
  const text = server.version.startsWith('valkey') ? server.version : `Redis ${server.version}`
  if (Number.parseInt(fields.get('redis_version') ?? '', 10) >= LEAST_MAJOR) return ok(`${text}, ${server.mode}`)
  return problem(`${text} is too old`, 'use Redis 7 or later, or Valkey')
}

function checkRole({ fields, server }: LookedAtRedis): Verdict {
  if (fields.get('loading') === '1') {
    return problem(`it loads its data, ${fields.get('loading_eta_seconds') ?? '?'} s to go`, 'wait: until then it refuses all else')
  }
  if (server.role === 'master') return ok('primary, takes writes')
  const primary = `${fields.get('master_host')}:${fields.get('master_port')}`
  return problem(`a replica of ${primary}: it refuses writes`, `give AIWATCH_REDIS_URL the address of the primary (${primary})`)
}

/** What CONFIG GET says of these settings; undefined where it may not be used (managed services). */
export async function readSettings({ redis }: LookedAtRedis, names: readonly string[]): Promise<Map<string, string> | undefined> {
  const flat = await ifAllowed(() => redis.call('CONFIG', 'GET', ...names) as Promise<string[]>)
  if (!flat) return undefined
  const settings = new Map<string, string>()
  for (let i = 0; i + 1 < flat.length; i += 2) settings.set(flat[i] as string, flat[i + 1] as string)
  return settings
}

const SAVE_FAILED: readonly (readonly [field: string, what: string])[] = [
  ['rdb_last_bgsave_status', 'the last snapshot (RDB) failed'],
  ['aof_last_write_status', 'the last write to the append-only file failed'],
  ['aof_last_bgrewrite_status', 'the last rewrite of the append-only file failed'],
]

async function checkPersistence(looked: LookedAtRedis): Promise<Verdict[]> {
  const { fields } = looked
  const failed = SAVE_FAILED.filter(([field]) => (fields.get(field) ?? 'ok') !== 'ok')
  const failures = failed.map(([, what]) => problem(what, 'look at the log of Redis and at the free space of its disk'))
  const settings = await readSettings(looked, ['save', 'appendfsync'])
  const isAppending = fields.get('aof_enabled') === '1'
  const saves = settings?.get('save')
  const advice = 'CONFIG SET appendonly yes, and CONFIG REWRITE to keep it so'
  if (isAppending && settings?.get('appendfsync') === 'no') {
    return [
      ...failures,
      warning('the append-only file is flushed when the system likes (appendfsync no)', 'CONFIG SET appendfsync everysec'),
    ]
  }
  if (isAppending) return failures.length > 0 ? failures : [ok('append-only file on: at most about a second is lost')]
  if (saves === undefined)
    return [...failures, warning(`no append-only file; snapshots: ${NOT_ALLOWED}`, 'turn persistence (AOF) on at your provider')]
  if (saves === '') return [...failures, warning('nothing is saved to disk: all is lost when Redis restarts', advice)]
  return [...failures, warning(`snapshots only (save ${saves}): what came since the last is lost when Redis dies`, advice)]
}

function checkEviction({ fields, server }: LookedAtRedis): Verdict[] {
  const policy = fields.get('maxmemory_policy') ?? 'unknown'
  const advice = 'CONFIG SET maxmemory-policy noeviction: a full Redis then refuses writes, and the SDK keeps them'
  const verdicts: Verdict[] = []
  if (server.evictedKeys > 0) verdicts.push(problem(`${server.evictedKeys} keys were evicted since Redis started: counts are lost`, advice))
  if (policy === 'noeviction') return verdicts.length > 0 ? verdicts : [ok('noeviction: nothing that was counted is deleted')]
  if (server.maxMemoryBytes > 0) return [...verdicts, problem(`${policy}: Redis deletes what was counted when it is full`, advice)]
  return [...verdicts, warning(`${policy}: Redis would delete what was counted, were a limit set`, advice)]
}

function checkMemory({ fields, server }: LookedAtRedis): Verdict {
  const { maxMemoryBytes: limit, usedMemoryBytes: used } = server
  const all = Number(fields.get('total_system_memory') ?? 0)
  const most = limit > 0 ? limit : all
  const name = limit > 0 ? 'maxmemory' : "the machine's memory, without a limit"
  if (!(most > 0)) return ok(`${megabytes(used)} used, no limit`)
  const share = used / most
  const what = `${megabytes(used)} used of ${megabytes(most)} (${name})`
  const advice = limit > 0 ? 'raise maxmemory, or keep less in this Redis' : 'give Redis a machine with more memory, or keep less in it'
  if (share >= NEARLY_FULL) return problem(`${what}: nearly full`, advice)
  return share >= FILLING ? warning(what, advice) : ok(what)
}

export function serverChecks(looked: LookedAtRedis): Check[] {
  return [
    { name: 'version', run: async () => checkVersion(looked) },
    { name: 'role', run: async () => checkRole(looked) },
    { name: 'persistence', run: () => checkPersistence(looked) },
    { name: 'eviction', run: async () => checkEviction(looked) },
    { name: 'memory', run: async () => checkMemory(looked) },
  ]
}
