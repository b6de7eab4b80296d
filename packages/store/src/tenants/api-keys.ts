/**
 * API keys: who may read or write the data of a tenant. A key is `aiw_<id>_<secret>`; Redis holds the SHA-256 of the secret, which has 256
 * random bits: a slow hash would protect nothing more.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { assertTenant } from '../identity.ts'
import type { RedisClient } from '../redis-client.ts'

export const API_KEY_ROLES = ['ingest', 'read', 'admin'] as const
export type ApiKeyRole = (typeof API_KEY_ROLES)[number]

/** A key as everyone may see it. */
export interface ApiKey {
  /** Part of the key; names it in lists. */
  id: string
  tenant: string
  role: ApiKeyRole
  /** What it is for, as its maker wrote. */
  name: string
  createdMs: number
}

interface StoredKey extends ApiKey {
  /** SHA-256 of the secret, hexadecimal. */
  hash: string
}

/** Hash of all keys: id → JSON. Of no tenant, so that a key is found before its tenant is known. */
export const API_KEYS_KEY = 'aiw:{keys}'

const ID_BYTES = 6
const SECRET_BYTES = 32
const TOKEN = /^aiw_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/
const MAX_NAME_CHARACTERS = 128

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex')

function parseStored(id: string, text: string): StoredKey | undefined {
  try {
    const value = JSON.parse(text) as Partial<Record<keyof StoredKey, unknown>>
    const { tenant, role, name, createdMs, hash } = value
    if (typeof tenant !== 'string' || typeof name !== 'string' || typeof createdMs !== 'number') return undefined
    if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) return undefined
    if (!API_KEY_ROLES.includes(role as ApiKeyRole)) return undefined
    return { id, tenant, role: role as ApiKeyRole, name, createdMs, hash }
  } catch {
    return undefined
  }
}

const withoutHash = ({ hash: _, ...key }: StoredKey): ApiKey => key

export interface NewApiKey {
  tenant: string
  role: ApiKeyRole
  name?: string
}

/** Makes a key. The answer is the only time that the whole of it is told. Throws a TypeError or RangeError that names the setting. */
export async function createApiKey(redis: RedisClient, { tenant, role, name = '' }: NewApiKey): Promise<{ token: string; key: ApiKey }> {
  assertTenant(tenant)
  if (!API_KEY_ROLES.includes(role)) throw new RangeError(`role must be one of ${API_KEY_ROLES.join(', ')}, got ${JSON.stringify(role)}`)
  if (name.length > MAX_NAME_CHARACTERS) throw new RangeError(`name must be at most ${MAX_NAME_CHARACTERS} characters long`)
  const id = randomBytes(ID_BYTES).toString('hex')
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  const key: ApiKey = { id, tenant, role, name, createdMs: Date.now() }
  const { id: _, ...stored } = key
  await redis.hset(API_KEYS_KEY, id, JSON.stringify({ ...stored, hash: hashOf(secret) }))
  return { token: `aiw_${id}_${secret}`, key }
}

/** All keys, oldest first. Entries that cannot be read are left out. */
export async function listApiKeys(redis: RedisClient): Promise<ApiKey[]> {
  return (await readApiKeys(redis)).list()
}

/** False when there was no such key. */
export async function revokeApiKey(redis: RedisClient, id: string): Promise<boolean> {
  return (await redis.hdel(API_KEYS_KEY, id)) === 1
}

/** The keys as they were at one moment. */
export class ApiKeys {
  private readonly keys: ReadonlyMap<string, StoredKey>

  constructor(keys: ReadonlyMap<string, StoredKey>) {
    this.keys = keys
  }

  get size(): number {
    return this.keys.size
  }

  list(): ApiKey[] {
    return [...this.keys.values()].sort((a, b) => a.createdMs - b.createdMs).map(withoutHash)
  }

  /** The key that this text is; undefined for any other text. The time that it takes does not depend on the secret. */
  find(token: string): ApiKey | undefined {
    const [, id, secret] = TOKEN.exec(token) ?? []
    if (id === undefined || secret === undefined) return undefined
    const stored = this.keys.get(id)
    const given = Buffer.from(hashOf(secret), 'hex')
    const held = Buffer.from(stored?.hash ?? hashOf(''), 'hex')
    return timingSafeEqual(given, held) && stored ? withoutHash(stored) : undefined
  }
}

export async function readApiKeys(redis: RedisClient): Promise<ApiKeys> {
  const keys = new Map<string, StoredKey>()
  for (const [id, text] of Object.entries(await redis.hgetall(API_KEYS_KEY))) {
    const key = parseStored(id, text)
    if (key) keys.set(id, key)
  }
  return new ApiKeys(keys)
}
