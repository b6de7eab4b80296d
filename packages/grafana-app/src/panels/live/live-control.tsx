/** The control that pauses and resumes a live page. Its queries go on by themselves while it runs: `datasource/ask-live.ts`. */
import {
  type SceneComponentProps,
  SceneObjectBase,
  type SceneObjectState,
  SceneObjectUrlSyncConfig,
  type SceneObjectUrlValues,
  SceneQueryRunner,
  sceneGraph,
} from '@grafana/scenes'
import { ToolbarButton } from '@grafana/ui'
import { t } from '../../t.ts'

const PAUSED = 'paused'

interface LiveControlState extends SceneObjectState {
  isPaused: boolean
}

/** Queries that cannot be live stay as they are. */
function setLive(runner: SceneQueryRunner, live: boolean): void {
  runner.setState({ queries: runner.state.queries.map((query) => (query['live'] === undefined ? query : { ...query, live })) })
  if (runner.isActive) runner.runQueries()
}

export class LiveControl extends SceneObjectBase<LiveControlState> {
  static Component = ({ model }: SceneComponentProps<LiveControl>) => {
    const { isPaused } = model.useState()
    const { value } = sceneGraph.getTimeRange(model).useState()
    const isPossible = value.raw.to === 'now'
    const label = isPaused ? t('live.resume', 'Resume') : t('live.pause', 'Pause')
    const hint = isPaused ? t('live.tooltip.paused', 'Paused: go on with new figures') : t('live.tooltip', 'Live: new figures as they come')
    return (
      <ToolbarButton
        icon={isPaused || !isPossible ? 'play' : 'pause'}
        variant={isPossible && !isPaused ? 'active' : 'canvas'}
        // Without a text on it, so that all controls are in one line at 1280 pixels.
        aria-label={label}
        disabled={!isPossible}
        tooltip={isPossible ? hint : t('live.impossible', 'Live shows time ranges that end now')}
        onClick={() => model.setPaused(!isPaused)}
      />
    )
  }

  protected override _urlSync = new SceneObjectUrlSyncConfig(this, { keys: ['live'] })

  constructor() {
    super({ isPaused: false })
  }

  getUrlState(): SceneObjectUrlValues {
    return { live: this.state.isPaused ? PAUSED : null }
  }

  updateFromUrl({ live }: SceneObjectUrlValues): void {
    this.setPaused(live === PAUSED)
  }

  setPaused(isPaused: boolean): void {
    if (isPaused === this.state.isPaused) return
    this.setState({ isPaused })
    const runners = sceneGraph.findAllObjects(this.getRoot(), (one) => one instanceof SceneQueryRunner) as SceneQueryRunner[]
    for (const runner of runners) setLive(runner, !isPaused)
  }
}
