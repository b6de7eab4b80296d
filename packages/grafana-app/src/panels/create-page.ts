/** A page: controls above, rows of panels below. */

import { getDataSourceSrv } from '@grafana/runtime'
import {
  EmbeddedScene,
  SceneAppPage,
  type SceneAppPageState,
  SceneControlsSpacer,
  type SceneObject,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  type SceneVariable,
  SceneVariableSet,
  VariableValueSelectors,
} from '@grafana/scenes'
import { APP_PATH, DATA_SOURCE_TYPE } from '../plugin-ids.ts'
import { pageBody } from './layout.ts'
import { collectorVariable } from './variables.ts'

interface SceneParts {
  /** Beside the collector. */
  variables?: () => SceneVariable[]
  rows(): SceneObject[]
  from?: string
  refresh?: string
}

const INTERVALS = ['5s', '10s', '30s', '1m', '5m', '15m', '1h']

export function createScene({ variables, rows, from = 'now-1h', refresh = '' }: SceneParts): EmbeddedScene {
  const collectors = getDataSourceSrv().getList({ pluginId: DATA_SOURCE_TYPE }).length
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from, to: 'now' }),
    $variables: new SceneVariableSet({ variables: [collectorVariable(collectors), ...(variables?.() ?? [])] }),
    controls: [
      new VariableValueSelectors({}),
      new SceneControlsSpacer(),
      new SceneTimePicker({ isOnCanvas: true }),
      new SceneRefreshPicker({ isOnCanvas: true, refresh, intervals: INTERVALS }),
    ],
    body: pageBody(rows()),
  })
}

interface PageParts extends SceneParts {
  title: string
  subTitle: string
  /** Of the address; also that of its pages of one. */
  path: string
  /** The page of one, by its name in the address. */
  one?: (name: string) => Omit<PageParts, 'path' | 'one'>
}

export function createPage({ title, subTitle, path, one, ...parts }: PageParts): SceneAppPage {
  const url = `${APP_PATH}/${path}`
  const drilldowns: SceneAppPageState['drilldowns'] = one && [
    {
      routePath: ':name/*',
      getPage: ({ params }, parent) => {
        const name = decodeURIComponent(String(params['name'] ?? ''))
        const { title, subTitle, ...ofOne } = one(name)
        return new SceneAppPage({
          title,
          subTitle,
          url: `${url}/${encodeURIComponent(name)}`,
          routePath: '*',
          getParentPage: () => parent,
          getScene: () => createScene(ofOne),
        })
      },
    },
  ]
  return new SceneAppPage({ title, subTitle, url, routePath: `${path}/*`, getScene: () => createScene(parts), drilldowns })
}
