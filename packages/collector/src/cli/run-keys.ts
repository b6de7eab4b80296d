/** The `keys` command: makes, lists and revokes API keys. */
import {
  API_KEY_ROLES,
  type ApiKey,
  type ApiKeyRole,
  assertTenant,
  connectRedis,
  createApiKey,
  listApiKeys,
  type RedisClient,
  revokeApiKey,
  toStoreError,
} from '@aiwatch/store'
import type { FoundRedis } from './find-redis.ts'
import { UsageError } from './usage-error.ts'

export interface KeysCommand {
  redis: FoundRedis
  /** What follows `keys`. */
  action: readonly string[]
  role: string | undefined
  /** Of `create`: the key's; of `list`: whose keys, undefined for all. */
  tenant: string | undefined
  name: string | undefined
  json: boolean
}

const TIMEOUT_MS = 5000
const KEY_ID = /^[0-9a-f]{12}$/
const PREFIX = /^aiw_([0-9a-f]{12})(_|$)/

type Run = (redis: RedisClient) => Promise<number>

const print = (text: string) => process.stdout.write(`${text}\n`)

const toJson = ({ id, tenant, role, name, createdMs }: ApiKey) => ({ id, tenant, role, name, created: new Date(createdMs).toISOString() })

function parseRole(role: string | undefined): ApiKeyRole {
  const found = API_KEY_ROLES.find((one) => one === role)
  if (!found)
    throw new UsageError(`keys create needs --role, one of ${API_KEY_ROLES.join(', ')}${role === undefined ? '' : `, got ${role}`}`)
  return found
}

function parseTenant(tenant: string): string {
  try {
    return assertTenant(tenant)
  } catch (error) {
    throw new UsageError(`--tenant: ${(error as Error).message}`)
  }
}

function planCreate({ role, tenant, name, json }: KeysCommand): Run {
  if (tenant === undefined) throw new UsageError('keys create needs --tenant')
  const asked = { role: parseRole(role), tenant: parseTenant(tenant), ...(name === undefined ? {} : { name }) }
  if ((name ?? '').length > 128) throw new UsageError('--name must be at most 128 characters long')
  return async (redis) => {
    const { token, key } = await createApiKey(redis, asked)
    if (json) print(JSON.stringify({ token, ...toJson(key) }))
    else print(`${token}\n\nThis is told once. Role ${key.role}, tenant ${key.tenant}, id ${key.id}; it works within two seconds.`)
    return 0
  }
}

function renderList(keys: readonly ApiKey[]): string {
  if (keys.length === 0) return 'There are no API keys: collectors answer everyone on loopback, and listen nowhere else.'
  const rows = [['ID', 'ROLE', 'TENANT', 'CREATED', 'NAME'], ...keys.map((key) => Object.values(toJson(key)))].map((row, i) =>
    // As JSON they are id, tenant, role, name, created.
    i === 0 ? row : [row[0], row[2], row[1], row[4], row[3]].map(String),
  ) as string[][]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function planList({ tenant, role, name, json }: KeysCommand): Run {
  if (role !== undefined || name !== undefined) throw new UsageError('keys list takes --tenant and --json only')
  const wanted = tenant === undefined ? undefined : parseTenant(tenant)
  return async (redis) => {
    const keys = (await listApiKeys(redis)).filter((key) => wanted === undefined || key.tenant === wanted)
    print(json ? JSON.stringify({ keys: keys.map(toJson) }) : renderList(keys))
    return 0
  }
}

function planRevoke({ action, role, tenant, name, json }: KeysCommand): Run {
  if (role !== undefined || tenant !== undefined || name !== undefined) throw new UsageError('keys revoke takes the ID and --json only')
  const given = action[1] ?? ''
  // Whoever pastes the whole key means its id.
  const id = PREFIX.exec(given)?.[1] ?? given
  if (!KEY_ID.test(id)) throw new UsageError('keys revoke needs the ID of a key, as keys list shows it')
  return async (redis) => {
    const found = await revokeApiKey(redis, id)
    if (json) print(JSON.stringify({ id, revoked: found }))
    else if (found) print(`Revoked ${id}. Collectors refuse it within two seconds.`)
    if (!found && !json) process.stderr.write(`aiwatch keys: there is no key ${id}\n`)
    return found ? 0 : 1
  }
}

function plan(command: KeysCommand): Run {
  const [verb, ...rest] = command.action
  const plans: Record<string, (command: KeysCommand) => Run> = { create: planCreate, list: planList, revoke: planRevoke }
  const planned = verb !== undefined && Object.hasOwn(plans, verb) ? plans[verb] : undefined
  if (!planned) throw new UsageError('keys what? create, list, or revoke ID')
  if (rest.length > (verb === 'revoke' ? 1 : 0)) throw new UsageError(`keys ${verb} takes no ${JSON.stringify(rest.at(-1))}`)
  return planned(command)
}

/** Resolves with the exit code: 0 done, 1 no such key or no Redis. Throws a UsageError before anything is asked. */
export async function runKeys(command: KeysCommand): Promise<number> {
  const run = plan(command)
  const { urls, source } = command.redis
  const connection = connectRedis(urls.length === 1 ? (urls[0] as string) : urls, {
    role: 'reader',
    commandTimeoutMs: TIMEOUT_MS,
    connectTimeoutMs: TIMEOUT_MS,
    setting: source,
    connectionName: 'aiwatch-keys',
  })
  try {
    return await run(connection.client)
  } catch (error) {
    process.stderr.write(`aiwatch keys: ${toStoreError(error).message}\n`)
    return 1
  } finally {
    connection.close()
  }
}
