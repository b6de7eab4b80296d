/** Template variables whose values are names that the collector has seen. */
import {
  CustomVariableSupport,
  createDataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  FieldType,
  LoadingState,
} from '@grafana/data'
import { from, map, type Observable } from 'rxjs'
import type { AIWatchDataSource } from './data-source.ts'
import { VariableEditor } from './editor/variable-editor.tsx'
import { findNames, type NameQuery } from './find-names.ts'
import type { AIWatchOptions, AIWatchQuery } from './query.ts'

export class NameVariables extends CustomVariableSupport<AIWatchDataSource, NameQuery, AIWatchQuery, AIWatchOptions> {
  editor = VariableEditor
  private readonly dataSource: AIWatchDataSource

  constructor(dataSource: AIWatchDataSource) {
    super()
    this.dataSource = dataSource
    // Grafana calls it apart from its object.
    this.query = this.query.bind(this)
  }

  /** The kind of a stored variable may be a text alone. */
  override query({ targets }: DataQueryRequest<NameQuery>): Observable<DataQueryResponse> {
    return from(findNames(targets[0], this.dataSource.client)).pipe(
      map((names) => {
        const fields = [
          { name: 'text', type: FieldType.string, values: names.map(({ text }) => text) },
          { name: 'value', type: FieldType.string, values: names.map(({ value }) => value) },
        ]
        return { data: [createDataFrame({ fields })], state: LoadingState.Done }
      }),
    )
  }
}
