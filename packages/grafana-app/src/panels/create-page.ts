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
import { HelpButton } from './help/help-button.tsx'
import type { Term } from './help/terms.ts'
import { pageBody } from './layout.ts'
import { LiveControl } from './live/live-control.tsx'
import { AddToDashboard } from './menu/add-to-dashboard.tsx'
import { PageNotice } from './notice/page-notice.tsx'
import { collectorVariable, type SharedFilter, sharedVariables } from './variables.ts'

interface SceneParts {
  /** The shared filters that the answers of the page know; none by default. */
  filters?: readonly SharedFilter[]
  /** Those of the page alone. */
  variables?: () => SceneVariable[]
  rows(): SceneObject[]
  /** What the help of the page explains. */
  help: readonly Term[]
  from?: string
  refresh?: string
  /** Has queries that are live, until the reader pauses. */
  isLive?: boolean
}

const INTERVALS = ['5s', '10s', '30s', '1m', '5m', '15m', '1h']

export function createScene({
  filters = [],
  variables,
  rows,
  help,
  from = 'now-1h',
  refresh = '',
  isLive = false,
}: SceneParts): EmbeddedScene {
  const collectors = getDataSourceSrv().getList({ pluginId: DATA_SOURCE_TYPE }).length
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from, to: 'now' }),
    $variables: new SceneVariableSet({
      variables: [collectorVariable(collectors), ...(variables?.() ?? []), ...sharedVariables(filters)],
    }),
    controls: [
      new VariableValueSelectors({}),
      new SceneControlsSpacer(),
      ...(isLive ? [new LiveControl()] : []),
      new SceneTimePicker({ isOnCanvas: true }),
      new SceneRefreshPicker({ isOnCanvas: true, refresh, intervals: INTERVALS }),
      new HelpButton(help),
      new AddToDashboard({}),
    ],
    body: pageBody([new PageNotice(), ...rows()]),
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
