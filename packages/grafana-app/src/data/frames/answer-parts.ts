/** Every operation of the API that panels show, and the parts of its reply. */
import type {
  Calls,
  Costs,
  Errors,
  IntegrityReply,
  Latency,
  Model,
  Models,
  OperationName,
  Overview,
  RedisState,
  Sessions,
  SystemState,
  User,
  Users,
} from '@aiwatch/collector/contract'
import { t } from '../../t.ts'
import { callsParts, sessionsParts } from './call-parts.ts'
import { costsParts } from './cost-parts.ts'
import { errorsParts } from './error-parts.ts'
import { latencyParts } from './latency-parts.ts'
import { modelParts, modelsParts } from './model-parts.ts'
import { overviewParts } from './overview-parts.ts'
import type { Part, Parts } from './part.ts'
import { integrityParts, redisParts, systemParts } from './state-parts.ts'
import { userParts, usersParts } from './user-parts.ts'

export interface Replies {
  overview: Overview
  models: Models
  model: Model
  users: Users
  user: User
  sessions: Sessions
  calls: Calls
  errors: Errors
  latency: Latency
  costs: Costs
  redis: RedisState
  system: SystemState
  integrity: IntegrityReply
}

export type AnswerOperation = keyof Replies & OperationName

interface Answered<Reply> {
  title(): string
  /** Without `/v1`; `{id}` is filled from the query. */
  path: string
  /** Whether the answer is of a window. */
  hasWindow: boolean
  /** Fields of the query, beside the window. */
  params: readonly string[]
  parts: Parts<Reply>
}

const CELL = ['app', 'provider', 'model'] as const

const at = <Reply>(path: string, hasWindow: boolean, params: readonly string[]) =>
  ({ path, hasWindow, params }) satisfies Partial<Answered<Reply>>

export const ANSWERS: { [Name in AnswerOperation]: Answered<Replies[Name]> } = {
  overview: { title: () => t('answers.overview', 'Overview'), ...at('overview', true, CELL), parts: overviewParts },
  models: { title: () => t('answers.models', 'Models'), ...at('models', true, [...CELL, 'sort', 'limit']), parts: modelsParts },
  model: { title: () => t('answers.one-model', 'One model'), ...at('models/{id}', true, ['app', 'provider']), parts: modelParts },
  users: { title: () => t('answers.users', 'Users'), ...at('users', false, ['window', 'sort', 'search', 'limit']), parts: usersParts },
  user: { title: () => t('answers.one-user', 'One user'), ...at('users/{id}', false, []), parts: userParts },
  sessions: { title: () => t('answers.sessions', 'Sessions'), ...at('sessions', false, ['user', 'limit']), parts: sessionsParts },
  calls: {
    title: () => t('answers.calls', 'Calls'),
    ...at('calls', true, [...CELL, 'outcome', 'user', 'session', 'tag', 'min_duration_ms', 'sort', 'limit']),
    parts: callsParts,
  },
  errors: { title: () => t('answers.errors', 'Errors'), ...at('errors', true, [...CELL, 'outcome']), parts: errorsParts },
  latency: { title: () => t('answers.latency', 'Latency'), ...at('latency', true, [...CELL, 'kind']), parts: latencyParts },
  costs: { title: () => t('answers.costs', 'Costs'), ...at('costs', true, [...CELL, 'by', 'user', 'tag', 'limit']), parts: costsParts },
  redis: { title: () => t('answers.redis', 'Redis'), ...at('redis', false, []), parts: redisParts },
  system: { title: () => t('answers.system', 'System'), ...at('system', false, []), parts: systemParts },
  integrity: { title: () => t('answers.integrity', 'Integrity'), ...at('integrity', false, ['writers']), parts: integrityParts },
}

export const isAnswerOperation = (name: string): name is AnswerOperation => Object.hasOwn(ANSWERS, name)

/** The part of this name; undefined where the operation has none. */
export function findPart(operation: AnswerOperation, part: string): Part<unknown> | undefined {
  const parts = ANSWERS[operation].parts as Parts<unknown>
  return Object.hasOwn(parts, part) ? parts[part] : undefined
}
