/** The control that pauses and resumes a live page: while it runs, each second brings new figures. */
import { LoadingState } from '@grafana/data'
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
import { canBeLive } from './live-range.ts'

const TICK_MS = 1000
const PAUSED = 'paused'

interface LiveControlState extends SceneObjectState {
  isPaused: boolean
}

export class LiveControl extends SceneObjectBase<LiveControlState> {
  static Component = ({ model }: SceneComponentProps<LiveControl>) => {
    const { isPaused } = model.useState()
    const { value } = sceneGraph.getTimeRange(model).useState()
    const isPossible = canBeLive(value.raw)
    const label = isPaused ? t('live.resume', 'Resume') : t('live.pause', 'Pause')
    return (
      <ToolbarButton
        icon={isPaused || !isPossible ? 'play' : 'pause'}
        variant={isPossible && !isPaused ? 'active' : 'canvas'}
        // Else the tooltip would be its name, which is not what stands on it.
        aria-label={label}
        disabled={!isPossible}
        tooltip={
          isPossible
            ? t('live.tooltip', 'Live: new figures each second')
            : t('live.impossible', 'Live shows time ranges of up to 6 hours that end now')
        }
        onClick={() => model.setState({ isPaused: !isPaused })}
      >
        {label}
      </ToolbarButton>
    )
  }

  protected override _urlSync = new SceneObjectUrlSyncConfig(this, { keys: ['live'] })

  constructor() {
    super({ isPaused: false })
    this.addActivationHandler(() => {
      const timer = setInterval(() => this.tick(), TICK_MS)
      return () => clearInterval(timer)
    })
  }

  getUrlState(): SceneObjectUrlValues {
    return { live: this.state.isPaused ? PAUSED : null }
  }

  updateFromUrl({ live }: SceneObjectUrlValues): void {
    this.setState({ isPaused: live === PAUSED })
  }

  /** Not while nobody looks, nor before the figures of the tick before are there: asking again would throw their answer away. */
  private tick(): void {
    const timeRange = sceneGraph.getTimeRange(this)
    if (this.state.isPaused || document.hidden || !canBeLive(timeRange.state.value.raw)) return
    const runners = sceneGraph.findAllObjects(this.getRoot(), (one) => one instanceof SceneQueryRunner) as SceneQueryRunner[]
    if (runners.some(({ state: { data } }) => data?.state === LoadingState.Loading)) return
    timeRange.onRefresh()
  }
}
