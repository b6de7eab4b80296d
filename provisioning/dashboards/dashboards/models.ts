import { answer, CELL_VARIABLES, metric, toNamed } from '../build/aiwatch.ts'
import type { Dashboard } from '../build/dashboard.ts'
import { bars, chart, table, worseFrom } from '../build/panels.ts'

export const MODELS: Dashboard = {
  uid: 'aiwatch-models',
  title: 'AIWatch / Models',
  description: 'Models beside each other: use, speed, errors and money.',
  source: 'aiwatch',
  tags: ['llm'],
  variables: CELL_VARIABLES,
  page: { path: 'models', title: 'Models' },
  sections: [
    {
      title: 'Compared',
      panels: [
        table({
          title: 'Models compared',
          description: 'Figures of the time range. Latency includes retries; percentiles are within 2 %.',
          targets: [answer('models', 'table')],
          unit: 'auto',
          width: 24,
          gauges: ['calls'],
          links: { model: toNamed('models', 'This model') },
          sortBy: 'Calls',
        }),
      ],
    },
    {
      title: 'Use',
      panels: [
        chart({
          title: 'Calls per second',
          description: 'Calls that ended, every outcome.',
          targets: [metric('calls', 'rate', ['model'])],
          unit: 'reqps',
          min: 0,
          isStacked: true,
          width: 8,
        }),
        chart({
          title: 'Input tokens per second',
          description: 'Cached ones included.',
          targets: [
            metric('tokens', 'rate', ['model'], {
              filters: [{ label: 'direction', operator: '=', values: ['input'] }],
              legend: '{{model}}',
            }),
          ],
          unit: 'short',
          min: 0,
          isStacked: true,
          width: 8,
        }),
        chart({
          title: 'Output tokens per second',
          description: 'Reasoning included.',
          targets: [
            metric('tokens', 'rate', ['model'], {
              filters: [{ label: 'direction', operator: '=', values: ['output'] }],
              legend: '{{model}}',
            }),
          ],
          unit: 'short',
          min: 0,
          isStacked: true,
          width: 8,
        }),
      ],
    },
    {
      title: 'Speed',
      panels: [
        chart({
          title: 'Latency p50',
          description: 'Half of the calls were faster.',
          targets: [answer('latency', 'p50')],
          unit: 's',
          min: 0,
          style: 'lines',
          calcs: ['mean', 'max'],
        }),
        chart({
          title: 'Latency p95',
          description: '19 of 20 calls were faster.',
          targets: [answer('latency', 'p95')],
          unit: 's',
          min: 0,
          style: 'lines',
          thresholds: worseFrom(10, 30),
          calcs: ['mean', 'max'],
        }),
        chart({
          title: 'Time to first token p95',
          description: 'Of streams: until the answer began, for 19 of 20.',
          targets: [answer('latency', 'p95', undefined, { kind: 'first_token' })],
          unit: 's',
          min: 0,
          style: 'lines',
          thresholds: worseFrom(2, 5),
          calcs: ['mean', 'max'],
        }),
        bars({
          title: 'Where the time went',
          description: 'Per call, where the provider tells: waiting in its queue, reading the prompt, writing the answer, and the rest.',
          targets: [answer('models', 'breakdown')],
          unit: 's',
          names: 'model',
          isStacked: true,
        }),
      ],
    },
    {
      title: 'Errors and money',
      panels: [
        chart({
          title: 'Failed calls by model',
          description: 'Calls in each bucket whose outcome is neither "ok" nor "aborted".',
          targets: [
            metric('calls', 'sum', ['model'], {
              filters: [{ label: 'outcome', operator: '!=', values: ['ok', 'aborted'] }],
              legend: '{{model}}',
            }),
          ],
          unit: 'short',
          min: 0,
          style: 'bars',
          isStacked: true,
        }),
        chart({
          title: 'Cost by model',
          description: 'USD in each bucket, of the calls whose price is known.',
          targets: [metric('cost_nano_usd', 'sum', ['model'])],
          unit: 'currencyUSD',
          min: 0,
          style: 'bars',
          isStacked: true,
        }),
        table({
          title: 'Error patterns',
          description: 'By type, app, provider and model. "New" was not there in the day before.',
          targets: [answer('errors', 'patterns')],
          unit: 'auto',
          width: 24,
          gauges: ['calls'],
          links: { model: toNamed('models', 'This model') },
        }),
      ],
    },
  ],
}
