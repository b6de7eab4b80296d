/** What is wrong with a query, and where: the editor marks the field, a panel shows the sentence. */

/** Fields of the editor. */
export type QueryField =
  | 'metric'
  | 'aggregation'
  | 'filters'
  | 'groupBy'
  | 'step'
  | 'limit'
  | 'body'
  | 'part'
  | 'id'
  | 'operation'
  | 'event'
  | 'range'

export interface QueryFault {
  field: QueryField
  message: string
}

/** First part of a field's name in a problem document of the collector → where the editor has it. */
const EDITOR_FIELDS: Record<string, QueryField> = {
  metric: 'metric',
  key: 'metric',
  aggregation: 'aggregation',
  filter: 'filters',
  group_by: 'groupBy',
  bucket_duration: 'step',
  top_k: 'limit',
  start_time: 'range',
  end_time: 'range',
  from: 'range',
  to: 'range',
}

/** Where the editor has what the collector names, such as `filter.model` or `top_k.k`; undefined where it has no such field. */
export const toEditorField = (field: string): QueryField | undefined => EDITOR_FIELDS[field.split('.')[0] ?? '']
