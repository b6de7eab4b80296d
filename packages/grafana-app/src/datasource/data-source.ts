/** The AIWatch data source: parts of answers and series of metrics as data frames. */

import type { Catalog, SystemState } from '@aiwatch/collector/contract'
import {
  type AnnotationSupport,
  createDataFrame,
  type DataFrameDTO,
  type DataQueryRequest,
  type DataQueryResponse,
  DataSourceApi,
  type DataSourceInstanceSettings,
  LoadingState,
  type TestDataSourceResponse,
} from '@grafana/data'
import { getBackendSrv, getTemplateSrv } from '@grafana/runtime'
import { catchError, defer, firstValueFrom, forkJoin, map, type Observable, of } from 'rxjs'
import { AnswerClient } from '../data/answer-client.ts'
import { CollectorFailure } from '../data/describe-failure.ts'
import type { Frame } from '../data/frames/frame.ts'
import { askQuery, findFault } from './ask-query.ts'
import { toPanelRange, withRange } from './asked-range.ts'
import { NameVariables } from './name-variables.ts'
import { prepareEvents } from './prepare-events.ts'
import { type AIWatchOptions, type AIWatchQuery, DEFAULT_EVENTS, DEFAULT_QUERY } from './query.ts'

type Answered = { frames: Frame[] } | { refId: string; message: string }

export class AIWatchDataSource extends DataSourceApi<AIWatchQuery, AIWatchOptions> {
  readonly client: AnswerClient
  /** Template variables. */
  override variables = new NameVariables(this)
  override annotations: AnnotationSupport<AIWatchQuery> = { getDefaultQuery: () => DEFAULT_EVENTS, prepareAnnotation: prepareEvents }

  constructor(settings: DataSourceInstanceSettings<AIWatchOptions>) {
    super(settings)
    this.client = new AnswerClient(settings.url ?? '', (request) => getBackendSrv().fetch({ ...request, showErrorAlert: false }))
  }

  override getDefaultQuery(): Partial<AIWatchQuery> {
    return DEFAULT_QUERY
  }

  override filterQuery(query: AIWatchQuery): boolean {
    return !query.hide
  }

  override getQueryDisplayText(query: AIWatchQuery): string {
    if (query.kind === 'answer') return `${query.operation}: ${query.part}`
    if (query.kind === 'events') return `events: ${query.event}`
    return query.kind === 'raw' ? query.body.replace(/\s+/g, ' ') : `${query.aggregation} ${query.metric}`
  }

  override query(request: DataQueryRequest<AIWatchQuery>): Observable<DataQueryResponse> {
    const targets = request.targets.filter((target) => this.filterQuery(target))
    if (targets.length === 0) return of({ data: [], state: LoadingState.Done })
    return forkJoin(targets.map((target) => this.answer(target, request))).pipe(
      map((answered): DataQueryResponse => {
        const errors = answered.flatMap((one) => ('message' in one ? [{ refId: one.refId, message: one.message }] : []))
        const frames = answered.flatMap((one) => ('frames' in one ? one.frames : []))
        const data = frames.map((frame) => createDataFrame(frame as unknown as DataFrameDTO))
        return { data, ...(errors.length > 0 ? { errors, error: errors[0], state: LoadingState.Error } : { state: LoadingState.Done }) }
      }),
    )
  }

  /** Does not fail: a panel shows the frames of its other queries beside the error of one. */
  private answer(query: AIWatchQuery, request: DataQueryRequest<AIWatchQuery>): Observable<Answered> {
    return defer(() => this.ask(query, request)).pipe(
      map((frames) => ({ frames })),
      catchError((error: unknown) => of({ refId: query.refId, message: error instanceof Error ? error.message : String(error) })),
    )
  }

  private ask(query: AIWatchQuery, { range, intervalMs, scopedVars }: DataQueryRequest<AIWatchQuery>): Observable<Frame[]> {
    const fault = findFault(query)
    if (fault) throw new CollectorFailure({ kind: 'question', message: `Query ${query.refId}: ${fault.message}.`, field: fault.field })
    return askQuery(this.client, query, {
      range: toPanelRange(range),
      intervalMs,
      replace: getTemplateSrv().replace.bind(getTemplateSrv()),
      scopedVars: withRange(scopedVars, range),
    })
  }

  catalog(): Promise<Catalog> {
    return firstValueFrom(this.client.ask<Catalog>({ path: 'catalog' }))
  }

  /** Asks for what needs a key of role read, so that the sentence says which part is wrong. */
  override async testDatasource(): Promise<TestDataSourceResponse> {
    try {
      const { collector } = await firstValueFrom(this.client.ask<SystemState>({ path: 'system' }))
      const { models } = await this.catalog()
      const seen = models.length === 0 ? 'no model has been called yet' : `${models.length} models seen`
      return { status: 'success', message: `AIWatch collector ${collector.version} answers; ${seen}.` }
    } catch (error) {
      return { status: 'error', message: error instanceof Error ? error.message : String(error) }
    }
  }
}
