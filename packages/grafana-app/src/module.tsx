import { AppPlugin } from '@grafana/data'
import { initPluginTranslations } from '@grafana/i18n'
import { loadResources } from '@grafana/scenes'
import { LoadingPlaceholder } from '@grafana/ui'
import { lazy, Suspense } from 'react'
import { APP_ID } from './plugin-ids.ts'

await initPluginTranslations(APP_ID, [loadResources])

const LazyApp = lazy(() => import('./app/app.tsx'))
const LazyConfiguration = lazy(() => import('./configuration/configuration.tsx'))

const App = () => (
  <Suspense fallback={<LoadingPlaceholder text="" />}>
    <LazyApp />
  </Suspense>
)

const Configuration = () => (
  <Suspense fallback={<LoadingPlaceholder text="" />}>
    <LazyConfiguration />
  </Suspense>
)

export const plugin = new AppPlugin().setRootPage(App).addConfigPage({
  title: 'Configuration',
  icon: 'cog',
  body: Configuration,
  id: 'configuration',
})
