/**
 * The part of Grafana that the app needs, in a page of its own: its module loader, data source and template services, router and
 * theme. Panels are part of Grafana's core: here each shows its data as a table, so that tests read what a panel was given.
 */
import * as emotionCss from '@emotion/css'
import * as emotionReact from '@emotion/react'
import * as grafanaData from '@grafana/data'
import * as grafanaRuntime from '@grafana/runtime'
import { sceneGraph } from '@grafana/scenes'
import * as grafanaUi from '@grafana/ui'
import { setPluginPage } from 'grafana-plugin-page'
import i18next, * as i18nextModule from 'i18next'
import lodash from 'lodash'
import * as React from 'react'
import * as jsxRuntime from 'react/jsx-runtime'
import * as ReactDom from 'react-dom'
import { createRoot } from 'react-dom/client'
import * as reactRouter from 'react-router'
import * as rxjs from 'rxjs'
import { makeBackendService } from './backend-service.ts'
import { makePanelPlugin } from './panel-plugin.tsx'

const APP_ID = 'aiwatch-analytics-app'
const DATA_SOURCE = { uid: 'aiwatch', type: 'aiwatch-analytics-datasource', name: 'AIWatch' }

const MODULES: Record<string, unknown> = {
  '@emotion/css': emotionCss,
  '@emotion/react': emotionReact,
  '@grafana/data': grafanaData,
  '@grafana/runtime': grafanaRuntime,
  '@grafana/ui': grafanaUi,
  i18next: i18nextModule,
  lodash,
  react: React,
  'react-dom': ReactDom,
  'react/jsx-runtime': jsxRuntime,
  'react-router': reactRouter,
  rxjs,
}

/** Loads an AMD module as Grafana's loader does. What the host does not have is a fault of the bundle. */
function loadModule(uri: string): Promise<{ plugin: unknown }> {
  return new Promise((resolve, reject) => {
    Object.assign(window, {
      define: (names: string[], factory: (...given: unknown[]) => unknown) => {
        const missing = names.filter((name) => name !== 'module' && !(name in MODULES))
        if (missing.length > 0)
          return reject(new Error(`the bundle asks for ${missing.join(', ')}, which Grafana's host page does not have`))
        resolve(
          Promise.resolve(factory(...names.map((name) => (name === 'module' ? { uri } : MODULES[name])))) as Promise<{ plugin: unknown }>,
        )
      },
    })
    const script = document.createElement('script')
    script.src = uri
    script.onerror = () => reject(new Error(`${uri} cannot be loaded`))
    document.head.append(script)
  })
}

type DataSourceClass = new (settings: grafanaData.DataSourceInstanceSettings) => grafanaData.DataSourceApi

async function provideDataSource(): Promise<void> {
  const { plugin } = (await loadModule(`${location.origin}/public/plugins/${DATA_SOURCE.type}/module.js`)) as {
    plugin: { DataSourceClass: DataSourceClass }
  }
  const settings = {
    ...DATA_SOURCE,
    url: `/api/datasources/proxy/uid/${DATA_SOURCE.uid}`,
    access: 'proxy',
    readOnly: false,
    jsonData: {},
    meta: { id: DATA_SOURCE.type, name: DATA_SOURCE.name, info: { logos: { small: '', large: '' } }, metrics: true },
  } as unknown as grafanaData.DataSourceInstanceSettings
  const instance = new plugin.DataSourceClass(settings)
  const asked = new URLSearchParams(location.search)
  const tempo = { ...settings, uid: 'tempo-1', type: 'tempo', name: 'Tempo' }
  const list = [...(asked.has('without-data-source') ? [] : [settings]), ...(asked.has('with-tempo') ? [tempo] : [])]
  grafanaRuntime.setDataSourceSrv({
    get: async () => instance,
    getInstanceSettings: () => settings,
    getList: ({ pluginId, filter } = {}) =>
      [...list, ...Object.values(grafanaRuntime.config.datasources)].filter(
        (one) => (!pluginId || one.type === pluginId) && (!filter || filter(one)),
      ),
    reload() {},
    registerRuntimeDataSource() {},
  })
}

const interpolate: grafanaRuntime.TemplateSrv['replace'] = (target, scopedVars, format) => {
  const scene = scopedVars?.['__sceneObject']?.value?.valueOf()
  return scene ? sceneGraph.interpolate(scene, target, scopedVars, format as Parameters<typeof sceneGraph.interpolate>[3]) : (target ?? '')
}

/** `query`: of template variables, which have one of their own. */
const runRequest = (
  dataSource: grafanaData.DataSourceApi,
  request: grafanaData.DataQueryRequest,
  query: typeof dataSource.query = dataSource.query.bind(dataSource),
) =>
  rxjs.from(query(request)).pipe(
    rxjs.map((response) => ({
      state: response.state ?? grafanaData.LoadingState.Done,
      series: response.data.map((frame) => grafanaData.toDataFrame(frame)),
      errors: response.errors,
      error: response.error,
      timeRange: request.range,
      request,
    })),
  )

/** Grafana's own form for a panel; tests read what it was given. */
function DashboardForm({ buildPanel, onClose }: { buildPanel(): unknown; onClose(): void }) {
  const save = () => {
    Object.assign(window, { addedPanel: buildPanel() })
    onClose()
  }
  return (
    <button type="button" onClick={save}>
      Open dashboard
    </button>
  )
}

const findExposedComponent = (id: string) =>
  id === grafanaData.PluginExtensionExposedComponents.AddToDashboardFormV1 && !location.search.includes('without-form')
    ? DashboardForm
    : undefined

/** Of the options that every panel has, those whose effect tests read. */
function provideFieldOptions(): void {
  const links = {
    id: 'links',
    path: 'links',
    name: 'Data links',
    editor: () => null,
    override: () => null,
    process: grafanaData.dataLinksOverrideProcessor,
    shouldApply: () => true,
    settings: {},
  }
  const noValue = { ...links, id: 'noValue', path: 'noValue', name: 'No value', process: grafanaData.stringOverrideProcessor }
  grafanaData.standardFieldConfigEditorRegistry.setInit(() => [links, noValue] as never)
}

function provideServices(): void {
  provideFieldOptions()
  grafanaRuntime.setBackendSrv(makeBackendService())
  grafanaRuntime.setTemplateSrv({ replace: interpolate, getVariables: () => [], containsTemplate: () => false, updateTimeRange() {} })
  grafanaRuntime.setRunRequest(runRequest as unknown as Parameters<typeof grafanaRuntime.setRunRequest>[0])
  const importPanelPlugin = async (id: string) => makePanelPlugin(id)
  grafanaRuntime.setPluginImportUtils({ importPanelPlugin, getPanelPluginFromCache: () => undefined })
  // As a link of Grafana's menu goes.
  Object.assign(window, { locationService: grafanaRuntime.locationService })
  grafanaRuntime.setAppEvents(new grafanaData.EventBusSrv())
  grafanaRuntime.setPluginComponentHook((id: string) => ({ component: findExposedComponent(id), isLoading: false }) as never)
  setPluginPage(({ children, renderTitle, pageNav, subTitle }) => (
    <main>
      {renderTitle ? renderTitle(pageNav?.text ?? '') : <h1>{pageNav?.text}</h1>}
      <p>{subTitle ?? pageNav?.subTitle}</p>
      {children}
    </main>
  ))
}

function Router({ children }: { children: React.ReactNode }) {
  const history = grafanaRuntime.locationService.getHistory()
  const [location, setLocation] = React.useState(history.location)
  React.useLayoutEffect(() => history.listen((next: typeof history.location) => setLocation(next)), [history])
  return (
    <reactRouter.Router navigator={history as never} location={location}>
      {children}
    </reactRouter.Router>
  )
}

async function start(): Promise<void> {
  await i18next.init({ lng: 'en-US', resources: {} })
  provideServices()
  await provideDataSource()
  const { plugin } = (await loadModule(`${location.origin}/public/plugins/${APP_ID}/module.js`)) as {
    plugin: { root: React.ComponentType; configPages: { body: React.ComponentType }[] }
  }
  const isConfiguration = location.pathname.startsWith('/plugins/')
  const Root = isConfiguration ? plugin.configPages[0]?.body : plugin.root
  if (!Root) throw new Error('the app has no such page')
  const theme = grafanaData.createTheme({
    colors: { mode: new URLSearchParams(location.search).get('theme') === 'light' ? 'light' : 'dark' },
  })
  document.body.style.background = theme.colors.background.canvas
  document.body.style.color = theme.colors.text.primary
  createRoot(document.getElementById('root') as HTMLElement).render(
    <grafanaRuntime.LocationServiceProvider service={grafanaRuntime.locationService}>
      <grafanaData.ThemeContext.Provider value={theme}>
        <grafanaUi.GlobalStyles />
        <Router>
          {isConfiguration ? (
            <Root />
          ) : (
            <reactRouter.Routes>
              <reactRouter.Route path={`/a/${APP_ID}/*`} element={<Root />} />
            </reactRouter.Routes>
          )}
        </Router>
      </grafanaData.ThemeContext.Provider>
    </grafanaRuntime.LocationServiceProvider>,
  )
}

start().catch((error: Error) => {
  document.title = 'failed'
  console.error(`host: ${error.stack ?? error}`)
})
