/** The values of template variables. */
import type { Catalog, Users } from '@aiwatch/collector/contract'
import type { DataQuery } from '@grafana/schema'
import { firstValueFrom } from 'rxjs'
import type { AnswerClient } from '../data/answer-client.ts'
import { t } from '../t.ts'

export const NAME_KINDS = ['apps', 'providers', 'models', 'tags', 'users'] as const
export type NameKind = (typeof NAME_KINDS)[number]

/** A variable as its editor stores it; `readNameKind` reads older ones too. */
export interface NameQuery extends DataQuery {
  query: NameKind
}

/** Users of a list that anybody can choose from; others are found by name on the page of users. */
const MAX_USERS = 200

const describeKinds = (got: string) =>
  t('fault.variable', 'A variable of AIWatch is one of {{names}}, got {{got}}.', { names: NAME_KINDS.join(', '), got })

/** A variable's query is the kind, or an object with `of`, as scenes pass it. */
export function readNameKind(query: unknown): NameKind {
  const text =
    typeof query === 'string'
      ? query
      : ((query as { of?: unknown; query?: unknown } | null)?.of ?? (query as { query?: unknown } | null)?.query)
  const kind = NAME_KINDS.find((one) => one === String(text).trim())
  if (!kind) throw new Error(describeKinds(JSON.stringify(text ?? '')))
  return kind
}

export async function findNames(query: unknown, client: AnswerClient): Promise<{ text: string; value: string }[]> {
  const kind = readNameKind(query)
  if (kind === 'users') {
    const question = { path: 'users', params: { window: '7d', limit: String(MAX_USERS) } }
    const { users } = await firstValueFrom(client.ask<Users>(question))
    return users.map(({ user_id }) => ({ text: user_id, value: user_id }))
  }
  const catalog = await firstValueFrom(client.ask<Catalog>({ path: 'catalog' }))
  return catalog[kind].map((name) => ({ text: name, value: name }))
}
