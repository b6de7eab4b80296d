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

const URL_SYNC = { updateUrlOnInit: true, createBrowserHistorySteps: true }

function Page({ create }: { create: () => SceneApp }) {
  const scene = useSceneApp(create)
  return <scene.Component model={scene} />
}

function lazyPage(load: () => Promise<PageModule>): ComponentType {
  return lazy(async () => {
    const { createPage } = await load()
    // Scenes keep what they made by this function.
    const create = () => new SceneApp({ pages: [createPage()], urlSyncOptions: URL_SYNC })
    return { default: () => <Page create={create} /> }
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
  alerts: lazy(() => import('../pages/alerts/page.tsx')),
}

export default function App() {
  const { pathname } = useLocation()
  const keptSearch = useKeptSearch()
  if (getDataSourceSrv().getList({ pluginId: DATA_SOURCE_TYPE }).length === 0) return <NoDataSource />
  const LazyPage = PAGES[pathname.slice(APP_PATH.length).split('/')[1] ?? '']
  if (!LazyPage) return <Navigate replace to={`${APP_PATH}/overview`} />
  if (keptSearch !== undefined) return <Navigate replace to={`${pathname}${keptSearch}`} />
  return (
    <Suspense fallback={<LoadingPlaceholder text="" />}>
      <LazyPage />
    </Suspense>
  )
}
