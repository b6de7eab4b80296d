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

export interface QueryFault {
  field: QueryField
  message: string
}
