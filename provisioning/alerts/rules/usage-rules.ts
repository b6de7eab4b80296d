/**
 * Rules about the calls themselves. Every collector says the same of a tenant, so `max by (tenant, …)` counts each figure once however
 * many are scraped. `tenant` is a label that the scrape job may set; without it there is one group.
 */
import type { AlertRule } from '../alert-rule.ts'

/** Calls of the last 5 minutes below which a share says nothing. */
const MIN_RECENT_CALLS = 20
const recentCalls = `max by (tenant) (token_analytics_recent_calls{window="5m"})`

/** Calls of a model in the window below which its 95th percentile is its slowest call. */
const MIN_MODEL_CALLS = 20

const costPerHour = (window: string) =>
  `sum by (tenant) (max by (tenant, app, provider, model) (rate(token_analytics_cost_usd_total[${window}]))) * 3600`

export const USAGE_RULES: readonly AlertRule[] = [
  {
    id: 'error-rate',
    title: 'Calls to models fail',
    description: `Share of the calls of the last 5 minutes that ended in an error, of any type; calls that the caller left are none. Looked at from ${MIN_RECENT_CALLS} calls in 5 minutes on.`,
    needs: 'collector',
    unit: 'share',
    fires: 'above',
    threshold: 0.05,
    windowSeconds: 0,
    forSeconds: 120,
    severity: 'critical',
    area: 'usage',
    expression: () =>
      `sum by (tenant) (max by (tenant, error_type) (token_analytics_error_rate)) and on (tenant) ${recentCalls} >= ${MIN_RECENT_CALLS}`,
    summary: '{value} of the calls of the last 5 minutes ended in an error, more than {threshold}.',
    action:
      'The error patterns say which type, model and provider: keys and limits at the provider for auth and rate_limit, its status page for overloaded and server_error.',
  },
  {
    id: 'response-time',
    title: 'A model answers slowly',
    description: `95th percentile of a model's response times, retries included, from the histogram of \`/metrics\`. At a threshold that is a bound of it (10, 20, 30, 45, 60, 120 s) the rule fires exactly when more than 5 % of the calls took longer; between bounds it is interpolated. Looked at from ${MIN_MODEL_CALLS} calls of the model in the window on.`,
    needs: 'collector',
    unit: 'seconds',
    fires: 'above',
    threshold: 30,
    windowSeconds: 600,
    forSeconds: 120,
    severity: 'warning',
    area: 'usage',
    expression: ({ window }) =>
      `histogram_quantile(0.95, max by (tenant, model, le) (rate(token_analytics_response_time_seconds_bucket[${window}]))) ` +
      `and on (tenant, model) max by (tenant, model) (increase(token_analytics_response_time_seconds_count[${window}])) >= ${MIN_MODEL_CALLS}`,
    summary: 'The slowest 5 % of the calls to {model} took longer than {value}, past {threshold}.',
    action:
      'Compare time to first token and generation time of the model: a queue at the provider, longer answers, or retries that add up.',
  },
  {
    id: 'first-token-latency',
    title: 'Streams begin late',
    description: `95th percentile of the time to first token of all streams of the last 5 minutes, within 2 %. Without streams it says nothing. Looked at from ${MIN_RECENT_CALLS} calls in 5 minutes on.`,
    needs: 'collector',
    unit: 'seconds',
    fires: 'above',
    threshold: 5,
    windowSeconds: 0,
    forSeconds: 300,
    severity: 'warning',
    area: 'usage',
    expression: () =>
      `max by (tenant) (token_analytics_first_token_seconds{quantile="0.95", window="5m"}) and on (tenant) ${recentCalls} >= ${MIN_RECENT_CALLS}`,
    summary: 'One stream in twenty waits longer than {value} for its first token, past {threshold}.',
    action: 'See which model it is, whether prompts grew or stopped being cached, and whether the provider queues.',
  },
  {
    id: 'cost-burn-rate',
    title: 'Money goes fast',
    description:
      'USD per hour: what was spent over the window, and over its last twelfth, the lesser of the two. A burst that has ended does not fire it. Calls without a known price are in no cost.',
    needs: 'collector',
    unit: 'usd_per_hour',
    fires: 'above',
    threshold: 10,
    windowSeconds: 3600,
    forSeconds: 300,
    severity: 'warning',
    area: 'usage',
    expression: ({ window }) => {
      const [long, short] = [costPerHour(window), costPerHour(twelfthOf(window))]
      return `(${long} < ${short}) or ${short}`
    },
    summary: 'Calls cost {value}, more than {threshold}.',
    action: 'The costs by model, user and tag say whose it is.',
  },
  {
    id: 'low-user-activity',
    title: 'Hardly any user is active',
    description: 'Users seen in the last hour, while the last 24 hours had some: a quiet night fires it too, so its severity is info.',
    needs: 'collector',
    unit: 'users',
    fires: 'below',
    threshold: 1,
    windowSeconds: 0,
    forSeconds: 1800,
    severity: 'info',
    area: 'usage',
    expression: () =>
      'max by (tenant) (token_analytics_active_users{window="1h"}) and on (tenant) max by (tenant) (token_analytics_active_users{window="24h"}) >= 1',
    summary: '{value} in the last hour, fewer than {threshold}.',
    action: 'See whether the programs still run and name their users; that none is lost on the way is told by integrity.',
  },
]

/** A twelfth of a window, in seconds and as PromQL writes it; at least a minute, so that it holds several scrapes. */
function twelfthOf(window: string): string {
  return `${Math.max(60, Math.round(Number.parseInt(window, 10) / 12))}s`
}
