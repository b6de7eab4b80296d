/** The dashboards as Grafana loads them, for the app and for provisioning by file. */
import { type Dashboard, toGrafanaDashboard } from '../dashboards/index.ts'

/** By path, relative to this workspace. */
export const dashboardFiles = (dashboards: readonly Dashboard[]): Map<string, string> =>
  new Map(
    dashboards.map((one) => [`grafana/dashboards/${one.uid}.json`, `${JSON.stringify(toGrafanaDashboard(one), undefined, 2)}\n`] as const),
  )
