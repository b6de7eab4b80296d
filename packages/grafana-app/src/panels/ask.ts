/** The queries of panels on pages: ordinary queries of the AIWatch data source, so that a panel can be copied to a dashboard as it is. */
import { SceneQueryRunner } from '@grafana/scenes'
import type { AnswerOperation } from '../data/frames/answer-parts.ts'
import type { AnswerQuery, MetricQuery } from '../datasource/query.ts'
import { DATA_SOURCE_TYPE } from '../plugin-ids.ts'

/** The data source is a variable of every page: there may be several collectors. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of scenes
export const DATA_SOURCE = { type: DATA_SOURCE_TYPE, uid: '${collector}' }

/** The filters that most answers know; each is a variable of every page. */
export const CELL_PARAMS = { app: '$app', provider: '$provider', model: '$model' }

export type AnswerOptions = Pick<AnswerQuery, 'params' | 'fields' | 'id' | 'live'>

export function askAnswer(operation: AnswerOperation, part: string, options: AnswerOptions = {}): SceneQueryRunner {
  return new SceneQueryRunner({
    datasource: DATA_SOURCE,
    queries: [{ refId: 'A', kind: 'answer', operation, part, ...options } satisfies AnswerQuery],
  })
}

/** Wide enough to be seen: a panel has room for ten times as many. */
const CELLS_OF_HEATMAP = 96

export function askMetric(query: Omit<MetricQuery, 'refId' | 'kind'>): SceneQueryRunner {
  return new SceneQueryRunner({
    datasource: DATA_SOURCE,
    ...(query.format === 'heatmap' ? { maxDataPoints: CELLS_OF_HEATMAP } : {}),
    queries: [{ refId: 'A', kind: 'metric', ...query } satisfies MetricQuery],
  })
}
