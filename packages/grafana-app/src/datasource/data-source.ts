/** The AIWatch data source: parts of answers and series of metrics as data frames. */

import type { Catalog } from '@aiwatch/collector/contract'
import {
  type AnnotationSupport,
  createDataFrame,
  type DataFrameDTO,
  type DataQueryRequest,
  type DataQueryResponse,
  DataSourceApi,
  type DataSourceInstanceSettings,
  LoadingState,
  type ScopedVars,
  type TestDataSourceResponse,
} from '@grafana/data'
import { getBackendSrv, getTemplateSrv } from '@grafana/runtime'
import { catchError, combineLatest, defer, firstValueFrom, map, type Observable, of } from 'rxjs'
import { AnswerClient } from '../data/answer-client.ts'
import { CollectorFailure } from '../data/describe-failure.ts'
import type { Frame } from '../data/frames/frame.ts'
import { bytesOf } from '../data/stream/open-stream.ts'
import { watchVisibility } from '../data/stream/page-visibility.ts'
import { StreamClient } from '../data/stream/stream-client.ts'
import { t } from '../t.ts'
import { answerQuestion } from './ask-answer.ts'
import { askLive, isLive, type LiveAnswer, liveTicks, toLive } from './ask-live.ts'
import { type Asking, askQuery, findFault } from './ask-query.ts'
import { toPanelRange, withRange } from './asked-range.ts'
import { checkHealth } from './check-health.ts'
import { interpolateQuery } from './interpolate-query.ts'
import { NameVariables } from './name-variables.ts'
import { prepareEvents } from './prepare-events.ts'
import { type AIWatchOptions, type AIWatchQuery, DEFAULT_EVENTS, DEFAULT_QUERY } from './query.ts'

/** Panels say that there is no data where there is no frame, not where one has no rows. */
const tellsSomething = ({ length, meta }: Frame) => length > 0 || (meta?.notices ?? []).length > 0

type Answered = LiveAnswer & { refId: string }

const sentenceOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** For as long as it goes on. Unlike `fetch`, `chunked` takes the address as it is: a leading slash would leave Grafana's own path. */
const openStream = (url: string) =>
  bytesOf(
    getBackendSrv().chunked({
      url: url.replace(/^\//, ''),
      headers: { Accept: 'text/event-stream' },
      method: 'GET',
      showErrorAlert: false,
    }),
  )

export class AIWatchDataSource extends DataSourceApi<AIWatchQuery, AIWatchOptions> {
  readonly client: AnswerClient
  private readonly isSeen = watchVisibility(document)
  private readonly streams: StreamClient
  private readonly ticks = liveTicks()
  /** Template variables. */
  override variables = new NameVariables(this)
  override annotations: AnnotationSupport<AIWatchQuery> = { getDefaultQuery: () => DEFAULT_EVENTS, prepareAnnotation: prepareEvents }

  constructor(settings: DataSourceInstanceSettings<AIWatchOptions>) {
    super(settings)
    this.client = new AnswerClient(settings.url ?? '', (request) => getBackendSrv().fetch({ ...request, showErrorAlert: false }))
    this.streams = new StreamClient(settings.url ?? '', openStream, this.isSeen)
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

  /** For Explore, which has no variables of a dashboard. */
  override interpolateVariablesInQueries(queries: AIWatchQuery[], scopedVars: ScopedVars): AIWatchQuery[] {
    return queries.map((query) => interpolateQuery(query, (text, format) => getTemplateSrv().replace(text, scopedVars, format)))
  }

  override query(request: DataQueryRequest<AIWatchQuery>): Observable<DataQueryResponse> {
    const shown = request.targets.filter((target) => this.filterQuery(target))
    // The button "Live" of Explore.
    const targets = request.liveStreaming ? shown.map(toLive) : shown
    if (targets.length === 0) return of({ data: [], state: LoadingState.Done })
    const range = toPanelRange(request.range)
    const goesOn = targets.some((target) => isLive(target, range))
    return combineLatest(targets.map((target) => this.answer(target, request))).pipe(
      map((answered): DataQueryResponse => {
        const errors = answered.flatMap((one) => ('message' in one ? [{ refId: one.refId, message: one.message }] : []))
        const frames = answered.flatMap((one) => ('frames' in one ? one.frames : []))
        const data = frames.filter(tellsSomething).map((frame) => createDataFrame(frame as unknown as DataFrameDTO))
        if (errors.length > 0) return { data, errors, error: errors[0], state: LoadingState.Error }
        return { data, state: goesOn ? LoadingState.Streaming : LoadingState.Done }
      }),
    )
  }

  /** Does not fail: a panel shows the frames of its other queries beside the error of one. */
  private answer(query: AIWatchQuery, request: DataQueryRequest<AIWatchQuery>): Observable<Answered> {
    const { refId } = query
    return defer(() => this.ask(query, request)).pipe(
      catchError((error: unknown) => of<LiveAnswer>({ message: sentenceOf(error) })),
      map((answer) => ({ ...answer, refId })),
    )
  }

  private ask(query: AIWatchQuery, { range, intervalMs, scopedVars }: DataQueryRequest<AIWatchQuery>): Observable<LiveAnswer> {
    const fault = findFault(query)
    if (fault) {
      const message = t('fault.of-query', 'Query {{refId}}: {{fault}}.', { refId: query.refId, fault: fault.message })
      throw new CollectorFailure({ kind: 'question', message, field: fault.field })
    }
    const asking: Asking = {
      range: toPanelRange(range),
      intervalMs,
      replace: getTemplateSrv().replace.bind(getTemplateSrv()),
      scopedVars: withRange(scopedVars, range),
    }
    if (!isLive(query, asking.range)) return askQuery(this.client, query, asking).pipe(map((frames) => ({ frames })))
    const question = answerQuestion(query, asking.range, asking.replace, asking.scopedVars)
    return askLive({ client: this.client, streams: this.streams, isSeen: this.isSeen, ticks: this.ticks, query, question })
  }

  catalog(): Promise<Catalog> {
    return firstValueFrom(this.client.ask<Catalog>({ path: 'catalog' }))
  }

  override testDatasource(): Promise<TestDataSourceResponse> {
    return checkHealth(this.client)
  }
}
