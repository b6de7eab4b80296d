import { growing, type RuleCase, still } from './rule-case.ts'

const CALLS = 'token_analytics_recent_calls{window="5m", instance="a"}'
const enough = { [CALLS]: still(20) }

const timeouts = 'token_analytics_error_rate{error_type="timeout", instance="a"}'
const rateLimits = 'token_analytics_error_rate{error_type="rate_limit", instance="a"}'
const failing = {
  ...enough,
  [timeouts]: still(0.04),
  [rateLimits]: still(0.02),
  'token_analytics_error_rate{error_type="timeout", instance="b"}': still(0.04),
}

const errorRate: RuleCase[] = [
  {
    name: 'two types of error, told by two collectors, count once each',
    series: failing,
    at: '4m',
    fires: [{ labels: {}, summary: '6% of the calls of the last 5 minutes ended in an error, more than 5 %.' }],
  },
  { name: 'exactly at the threshold', series: { ...enough, [timeouts]: still(0.03), [rateLimits]: still(0.02) }, at: '4m', fires: [] },
  { name: 'too short', series: failing, at: '1m30s', fires: [] },
  { name: 'too few calls', series: { ...failing, [CALLS]: still(19) }, at: '4m', fires: [] },
  { name: 'series absent', series: enough, at: '4m', fires: [] },
  {
    name: 'tenants are kept apart',
    series: {
      'token_analytics_recent_calls{window="5m", tenant="acme"}': still(100),
      'token_analytics_recent_calls{window="5m", tenant="bell"}': still(100),
      'token_analytics_error_rate{error_type="auth", tenant="acme"}': still(0.5),
      'token_analytics_error_rate{error_type="auth", tenant="bell"}': still(0.01),
    },
    at: '4m',
    fires: [{ labels: { tenant: 'acme' }, summary: '50% of the calls of the last 5 minutes ended in an error, more than 5 %.' }],
  },
]

/** Calls every 30 s: all, and those within 30 s; the rest takes up to 45 s. */
function answered(all: number, within30: number, instance = 'a'): Record<string, string> {
  const bucket = (le: string) => `token_analytics_response_time_seconds_bucket{model="m", le="${le}", instance="${instance}"}`
  return {
    [bucket('20')]: growing(0),
    [bucket('30')]: growing(within30),
    [bucket('45')]: growing(all),
    [bucket('+Inf')]: growing(all),
    [`token_analytics_response_time_seconds_count{model="m", instance="${instance}"}`]: growing(all),
  }
}

const responseTime: RuleCase[] = [
  {
    name: '6 % of the calls took longer than 30 s',
    series: answered(100, 94),
    at: '15m',
    fires: [{ labels: { model: 'm' }, summary: 'The slowest 5 % of the calls to m took longer than 32.5s, past 30 s.' }],
  },
  { name: '4 % of the calls took longer than 30 s', series: answered(100, 96), at: '15m', fires: [] },
  { name: 'too short', series: answered(100, 94), at: '1m30s', fires: [] },
  {
    name: 'too few calls, although two collectors tell them',
    series: { ...answered(0.8, 0), ...answered(0.8, 0, 'b') },
    at: '15m',
    fires: [],
  },
  { name: 'no call goes on', series: answered(0, 0), at: '15m', fires: [] },
  { name: 'series absent', series: enough, at: '15m', fires: [] },
]

const FIRST_TOKEN = 'token_analytics_first_token_seconds{quantile="0.95", window="5m", instance="a"}'
const lateStreams = { ...enough, [FIRST_TOKEN]: still(6.5) }

const firstToken: RuleCase[] = [
  {
    name: 'slow for five minutes',
    series: lateStreams,
    at: '6m',
    fires: [{ labels: {}, summary: 'One stream in twenty waits longer than 6.5s for its first token, past 5 s.' }],
  },
  { name: 'exactly at the threshold', series: { ...enough, [FIRST_TOKEN]: still(5) }, at: '6m', fires: [] },
  {
    name: 'only the 99th percentile is slow',
    series: { ...enough, [FIRST_TOKEN]: still(2), 'token_analytics_first_token_seconds{quantile="0.99", window="5m"}': still(60) },
    at: '6m',
    fires: [],
  },
  { name: 'too short', series: lateStreams, at: '4m30s', fires: [] },
  { name: 'too few calls', series: { ...lateStreams, [CALLS]: still(19) }, at: '6m', fires: [] },
  { name: 'no streams', series: enough, at: '6m', fires: [] },
]

const cost = (model: string, instance = 'a') =>
  `token_analytics_cost_usd_total{app="shop", provider="openai", model="${model}", instance="${instance}"}`

const costBurnRate: RuleCase[] = [
  {
    name: 'two models that cost 6 USD an hour each',
    series: { [cost('m')]: growing(0.05), [cost('n')]: growing(0.05) },
    at: '1h10m',
    fires: [{ labels: {}, summary: 'Calls cost 12.00 USD an hour, more than 10 USD an hour.' }],
  },
  { name: 'just under', series: { [cost('m')]: growing(0.083) }, at: '1h10m', fires: [] },
  {
    name: 'one model, told by two collectors',
    series: { [cost('m')]: growing(0.05), [cost('m', 'b')]: growing(0.05) },
    at: '1h10m',
    fires: [],
  },
  { name: 'fast, but for ten minutes only', series: { [cost('m')]: growing(0.1) }, at: '10m', fires: [] },
  { name: 'a burst that has ended', series: { [cost('m')]: '0+1x40 40+0x100' }, at: '50m', fires: [] },
  { name: 'series absent', series: enough, at: '1h10m', fires: [] },
]

const users = (window: string) => `token_analytics_active_users{window="${window}", instance="a"}`
const quiet = { [users('1h')]: still(0), [users('24h')]: still(3) }

const lowUserActivity: RuleCase[] = [
  { name: 'nobody for long', series: quiet, at: '31m', fires: [{ labels: {}, summary: '0 users in the last hour, fewer than 1 user.' }] },
  { name: 'exactly at the threshold', series: { ...quiet, [users('1h')]: still(1) }, at: '31m', fires: [] },
  { name: 'too short', series: quiet, at: '29m', fires: [] },
  { name: 'never any users', series: { ...quiet, [users('24h')]: still(0) }, at: '31m', fires: [] },
  { name: 'series absent', series: enough, at: '31m', fires: [] },
]

export const USAGE_CASES: Record<string, RuleCase[]> = {
  'error-rate': errorRate,
  'response-time': responseTime,
  'first-token-latency': firstToken,
  'cost-burn-rate': costBurnRate,
  'low-user-activity': lowUserActivity,
}
