/** The operations of the contract and who answers them. */
import { answerCalls } from '../../analytics/answers/answer-calls.ts'
import { answerCatalog } from '../../analytics/answers/answer-catalog.ts'
import { answerCosts } from '../../analytics/answers/answer-costs.ts'
import { answerErrors } from '../../analytics/answers/answer-errors.ts'
import { answerLatency } from '../../analytics/answers/answer-latency.ts'
import { answerModel, answerModels } from '../../analytics/answers/answer-models.ts'
import { answerOverview } from '../../analytics/answers/answer-overview.ts'
import { answerSessions } from '../../analytics/answers/answer-sessions.ts'
import { answerUser, answerUsers } from '../../analytics/answers/answer-users.ts'
import type { RedisState, SystemState } from '../../contract/index.ts'
import type { Tenant } from '../../tenants/open-tenant.ts'
import { parseQuery } from '../query-schema.ts'
import { answerSeveral } from '../timeseries-routes.ts'
import type { Answers } from './ask-operation.ts'

export interface AnswerSources {
  tenantOf(tenant: string): Tenant
  /** Most entries of a multi-query. */
  maxQueries: number
  /** Runs a question while Redis is there; throws a `redis_away` error otherwise. */
  ask<Answer>(question: () => Promise<Answer>): Promise<Answer>
  redisState(tenant: string): Promise<RedisState>
  systemState(): Promise<SystemState>
}

export function createAnswers({ tenantOf, maxQueries, ask, redisState, systemState }: AnswerSources): Answers {
  const readerOf = (tenant: string) => tenantOf(tenant).reader
  return {
    overview: ({ caller, query, window, nowMs }) => ask(() => answerOverview(readerOf(caller.tenant), query, window, nowMs)),
    models: ({ caller, query, window, nowMs }) =>
      ask(() => answerModels(readerOf(caller.tenant), { filter: query, window, sort: query.sort, limit: query.limit }, nowMs)),
    model: ({ caller, id, query, window, nowMs }) =>
      ask(() => answerModel(readerOf(caller.tenant), { model: id, filter: query, window }, nowMs)),
    users: ({ caller, query, nowMs }) =>
      ask(() => answerUsers(readerOf(caller.tenant), { ...query, search: query.search, cursor: query.cursor }, nowMs)),
    user: ({ caller, id, nowMs }) => ask(() => answerUser(readerOf(caller.tenant), id, nowMs)),
    sessions: ({ caller, query }) =>
      ask(() => answerSessions(readerOf(caller.tenant), { user: query.user, limit: query.limit, cursor: query.cursor })),
    calls: ({ caller, query, window }) =>
      ask(() =>
        answerCalls(readerOf(caller.tenant), {
          filter: query,
          window,
          outcome: query.outcome,
          user: query.user,
          session: query.session,
          tag: query.tag,
          minDurationMs: query.min_duration_ms,
          sort: query.sort,
          limit: query.limit,
          cursor: query.cursor,
        }),
      ),
    errors: ({ caller, query, window, nowMs }) =>
      ask(() => answerErrors(readerOf(caller.tenant), { filter: query, window, outcome: query.outcome }, nowMs)),
    latency: ({ caller, query, window, nowMs }) =>
      ask(() => answerLatency(readerOf(caller.tenant), { filter: query, window, kind: query.kind }, nowMs)),
    costs: ({ caller, query, window, nowMs }) =>
      ask(() =>
        answerCosts(
          readerOf(caller.tenant),
          { filter: query, window, by: query.by, user: query.user, tag: query.tag, limit: query.limit },
          nowMs,
        ),
      ),
    query: async ({ caller, body, nowMs }) => tenantOf(caller.tenant).query(parseQuery(body, nowMs)),
    multiQuery: ({ caller, body }) => answerSeveral(tenantOf(caller.tenant), body, maxQueries),
    catalog: ({ caller, nowMs }) => ask(() => answerCatalog(readerOf(caller.tenant), nowMs)),
    integrity: ({ caller, query }) => tenantOf(caller.tenant).integrity(query.writers),
    redis: ({ caller }) => ask(() => redisState(caller.tenant)),
    system: () => systemState(),
  }
}
