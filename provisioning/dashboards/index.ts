import type { Dashboard } from './build/dashboard.ts'
import { COLLECTOR } from './dashboards/collector.ts'
import { COSTS } from './dashboards/costs.ts'
import { MODELS } from './dashboards/models.ts'
import { REDIS } from './dashboards/redis.ts'
import { SYSTEM } from './dashboards/system.ts'
import { TOKEN_ANALYTICS } from './dashboards/token-analytics.ts'

export type { AIWatchTarget, Dashboard, Panel, PromTarget } from './build/dashboard.ts'
export { toGrafanaDashboard } from './build/to-grafana-dashboard.ts'

export const DASHBOARDS: readonly Dashboard[] = [TOKEN_ANALYTICS, MODELS, COSTS, REDIS, SYSTEM, COLLECTOR]
