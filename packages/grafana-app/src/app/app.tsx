import { getDataSourceSrv } from '@grafana/runtime'
import { SceneApp, type SceneAppPage, useSceneApp } from '@grafana/scenes'
import { LoadingPlaceholder } from '@grafana/ui'
import { type ComponentType, lazy, Suspense } from 'react'
import { Navigate, useLocation } from 'react-router-dom'
import { APP_PATH, DATA_SOURCE_TYPE } from '../plugin-ids.ts'
import { NoDataSource } from './no-data-source.tsx'
import { useKeptSearch } from './use-kept-search.ts'

interface PageModule {
  createPage(): SceneAppPage
}

function lazyPage(load: () => Promise<PageModule>): ComponentType {
  return lazy(async () => {
    const { createPage } = await load()
    const create = () => new SceneApp({ pages: [createPage()], urlSyncOptions: { updateUrlOnInit: true, createBrowserHistorySteps: true } })
    const Page = () => {
      const scene = useSceneApp(create)
      return <scene.Component model={scene} />
    }
    return { default: Page }
  })
}

/** By the first part of the address; each page is a chunk of its own. */
const PAGES: Record<string, ComponentType> = {
  overview: lazyPage(() => import('../pages/overview/page.ts')),
  models: lazyPage(() => import('../pages/models/page.ts')),
  users: lazyPage(() => import('../pages/users/page.ts')),
  costs: lazyPage(() => import('../pages/costs/page.ts')),
  calls: lazyPage(() => import('../pages/calls/page.ts')),
  errors: lazyPage(() => import('../pages/errors/page.ts')),
  latency: lazyPage(() => import('../pages/latency/page.ts')),
  system: lazyPage(() => import('../pages/system/page.ts')),
}

export default function App() {
  const { pathname } = useLocation()
  const keptSearch = useKeptSearch()
  if (getDataSourceSrv().getList({ pluginId: DATA_SOURCE_TYPE }).length === 0) return <NoDataSource />
  const Page = PAGES[pathname.slice(APP_PATH.length).split('/')[1] ?? '']
  if (!Page) return <Navigate replace to={`${APP_PATH}/overview`} />
  if (keptSearch !== undefined) return <Navigate replace to={`${pathname}${keptSearch}`} />
  return (
    <Suspense fallback={<LoadingPlaceholder text="" />}>
      <Page />
    </Suspense>
  )
}
