/** Above the panels of a page: what is wrong with all of them, or what to do before the first call. */
import { LoadingState } from '@grafana/data'
import { type SceneComponentProps, SceneObjectBase, type SceneObjectState, SceneQueryRunner, sceneGraph } from '@grafana/scenes'
import { NamesVariable } from '../names-variable.ts'
import { EmptyStore } from './empty-store.tsx'
import { PageFailure } from './page-failure.tsx'
import { findSharedFailure } from './shared-failure.ts'

interface PageNoticeState extends SceneObjectState {
  failure?: string
  /** Nothing was ever recorded in this store. */
  isEmpty: boolean
}

export class PageNotice extends SceneObjectBase<PageNoticeState> {
  static Component = ({ model }: SceneComponentProps<PageNotice>) => {
    const { failure, isEmpty } = model.useState()
    if (failure) return <PageFailure message={failure} />
    return isEmpty ? <EmptyStore /> : null
  }

  constructor() {
    super({ isEmpty: false })
    this.addActivationHandler(() => this.watch())
  }

  private watch(): void {
    const apps = sceneGraph.lookupVariable('app', this)
    const runners = sceneGraph.findAllObjects(this.getRoot(), (one) => one instanceof SceneQueryRunner) as SceneQueryRunner[]
    const read = () => this.setState({ failure: this.readFailure(runners, apps) })
    for (const runner of runners) this._subs.add(runner.subscribeToState(read))
    read()
    if (!(apps instanceof NamesVariable)) return
    this._subs.add(
      apps.subscribeToState(({ options, error }, before) => {
        if (options === before.options && error === before.error) return
        this.setState({ isEmpty: !error && options.length === 0, failure: this.readFailure(runners, apps) })
      }),
    )
  }

  private readFailure(runners: readonly SceneQueryRunner[], apps: ReturnType<typeof sceneGraph.lookupVariable>): string | undefined {
    const answers = runners.flatMap(({ state: { data } }) =>
      data && data.state !== LoadingState.NotStarted
        ? [{ state: data.state, message: data.errors?.[0]?.message ?? data.error?.message }]
        : [],
    )
    const failure = findSharedFailure(answers)
    if (failure || answers.length > 0) return failure
    return apps instanceof NamesVariable ? (apps.state.error ?? undefined) : undefined
  }
}
