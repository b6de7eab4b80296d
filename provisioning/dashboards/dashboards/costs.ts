import { answer, CELL_VARIABLES, metric, toNamed, wholeAnswer } from '../build/aiwatch.ts'
import type { Dashboard } from '../build/dashboard.ts'
import { bars, chart, stat, table, worseFrom } from '../build/panels.ts'

/** By user and by tag, money is kept by the hour for a week, without filters. */
const DAY = '24h'

export const COSTS: Dashboard = {
  uid: 'aiwatch-costs',
  title: 'AIWatch / Costs',
  description: 'What calls cost, who and what causes it, what the prompt cache saved, and what was wasted.',
  source: 'aiwatch',
  tags: ['llm'],
  variables: CELL_VARIABLES,
  page: { path: 'costs', title: 'Costs' },
  from: 'now-6h',
  refresh: '1m',
  sections: [
    {
      title: 'Totals of the time range',
      panels: [
        stat({
          title: 'Cost',
          description: 'USD of the calls whose price is known.',
          targets: [answer('costs', 'totals', ['cost_usd'])],
          unit: 'currencyUSD',
        }),
        stat({
          title: 'Saved by the cache',
          description: 'What the same calls would have cost more without the prompt cache.',
          targets: [answer('costs', 'totals', ['cache_saved_usd'])],
          unit: 'currencyUSD',
        }),
        stat({
          title: 'Wasted',
          description: 'Cost of attempts whose answer nobody got.',
          targets: [answer('costs', 'totals', ['wasted_usd'])],
          unit: 'currencyUSD',
        }),
        stat({
          title: 'Calls without a price',
          description: 'Their model has no known price: they are in no cost. The table of such models is below.',
          targets: [answer('costs', 'totals', ['unpriced_calls'])],
          unit: 'short',
          thresholds: worseFrom(1, 1000),
        }),
      ],
    },
    {
      title: 'Over time',
      panels: [
        chart({
          title: 'Cost by model',
          description: 'USD in each bucket, of the calls whose price is known.',
          targets: [metric('cost_nano_usd', 'sum', ['model'])],
          unit: 'currencyUSD',
          min: 0,
          style: 'bars',
          isStacked: true,
          calcs: ['sum'],
        }),
        chart({
          title: 'Cost by app',
          description: 'USD in each bucket, of the calls whose price is known.',
          targets: [metric('cost_nano_usd', 'sum', ['app'])],
          unit: 'currencyUSD',
          min: 0,
          style: 'bars',
          isStacked: true,
          calcs: ['sum'],
        }),
        chart({
          title: 'Spent, saved and wasted',
          description: 'USD in each bucket: cost, what the prompt cache saved, and attempts whose answer nobody got.',
          targets: [answer('costs', 'points')],
          unit: 'currencyUSD',
          min: 0,
          style: 'bars',
        }),
        chart({
          title: 'Tokens of the cache',
          description: 'Input tokens read from and written to prompt caches, in each bucket. Reads are cheap, writes are dear.',
          targets: [
            metric('cache_read_tokens', 'sum', [], { legend: 'Read' }),
            metric('cache_write_tokens', 'sum', [], { legend: 'Written' }),
          ],
          unit: 'short',
          min: 0,
          style: 'bars',
        }),
      ],
    },
    {
      title: 'Who and what',
      panels: [
        table({
          title: 'By model',
          description: 'Of the time range; most money first.',
          targets: [answer('costs', 'table', undefined, { by: 'model' })],
          unit: 'auto',
          gauges: ['cost_usd'],
          hidden: ['key'],
          links: { name: toNamed('models', 'This model') },
        }),
        bars({
          title: 'By app',
          description: 'Of the time range; most money first.',
          targets: [answer('costs', 'table', ['name', 'cost_usd'], { by: 'app' })],
          unit: 'currencyUSD',
          names: 'name',
          width: 6,
          height: 9,
        }),
        bars({
          title: 'By provider',
          description: 'Of the time range; most money first.',
          targets: [answer('costs', 'table', ['name', 'cost_usd'], { by: 'provider' })],
          unit: 'currencyUSD',
          names: 'name',
          width: 6,
          height: 9,
        }),
        table({
          title: 'By user',
          description: 'The last day in whole hours, of all apps and models: money by user is not kept by model.',
          targets: [wholeAnswer('costs', 'table', ['name', 'cost_usd', 'calls', 'tokens'], { by: 'user', limit: '20' })],
          unit: 'auto',
          timeFrom: DAY,
          gauges: ['cost_usd'],
          width: 8,
        }),
        table({
          title: 'By tag',
          description: 'The last day in whole hours, of all apps and models: money by tag is not kept by model.',
          targets: [wholeAnswer('costs', 'table', ['name', 'cost_usd', 'calls', 'tokens'], { by: 'tag', limit: '20' })],
          unit: 'auto',
          timeFrom: DAY,
          gauges: ['cost_usd'],
          width: 8,
        }),
        table({
          title: 'Models without a price',
          description: 'Give them a price in the SDK ("prices"); until then their calls are in no cost.',
          targets: [answer('costs', 'unpriced')],
          unit: 'auto',
          width: 8,
        }),
      ],
    },
  ],
}
