/** Short ids that stand in keys for names of any length and content. */
import crypto from 'node:crypto'
import type { Cell } from './batch.ts'
import { boundLabel } from './labels.ts'

/** `crypto.hash` takes a third of the time of `createHash`, and came with Node 20.12: a named import would fail before. */
const hash = crypto.hash as typeof crypto.hash | undefined

function shortHash(text: string, characters: number): string {
  const whole = hash ? hash('sha256', text, 'base64url') : crypto.createHash('sha256').update(text).digest('base64url')
  return whole.slice(0, characters)
}

/** First 8 base64url characters of SHA-256(app \0 provider \0 model). Take the names from `toCell`, which bounds them. */
export function cellId(app: string, provider: string, model: string): string {
  return shortHash(`${app}\0${provider}\0${model}`, 8)
}

/** The cell of three names: empty ones become `unknown`, long ones are cut. */
export function toCell(app: string, provider: string, model: string): Cell {
  const names = { app: boundLabel(app), provider: boundLabel(provider), model: boundLabel(model) }
  return { id: cellId(names.app, names.provider, names.model), ...names }
}

/** A tenant has at most this many cells; later ones count as `OTHER_CELL`. */
export const MAX_CELLS = 1000
export const OTHER_CELL: Cell = { id: cellId('other', 'other', 'other'), app: 'other', provider: 'other', model: 'other' }

/** 72 bits of hash: among a million users two share a key with a chance of 1 in 10 billion. */
export function userKey(user: string): string {
  return shortHash(user, 12)
}

/** A session is a pair of user and session id. */
export function sessionKey(user: string, session: string): string {
  return shortHash(`${user}\0${session}`, 12)
}

/** User that stands for many when memory is short. */
export const OTHER_USER = 'other'

/** Member of a tag leaderboard. */
export function tagMember(name: string, value: string): string {
  return `${boundLabel(name)}=${boundLabel(value)}`
}

const TENANT = /^[a-z0-9_-]{1,64}$/

/** Throws a TypeError that names the rule when `tenant` is not a tenant name. */
export function assertTenant(tenant: string): string {
  if (!TENANT.test(tenant)) throw new TypeError(`tenant must match [a-z0-9_-]{1,64}, got ${JSON.stringify(tenant.slice(0, 80))}`)
  return tenant
}
