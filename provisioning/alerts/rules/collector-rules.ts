/** Rules about AIWatch itself. */
import type { AlertRule } from '../alert-rule.ts'

/** Counters of `token_analytics_integrity_total` that stand for something that was not kept as it was. */
const GAPS = ['lost_calls', 'dropped_calls', 'refused_operations', 'torn_writers']

export const COLLECTOR_RULES: readonly AlertRule[] = [
  {
    id: 'collector-down',
    title: 'A collector is down',
    description: 'Prometheus cannot scrape a collector, or no target of the job exists.',
    needs: 'collector',
    unit: 'state',
    fires: 'below',
    threshold: 1,
    windowSeconds: 0,
    forSeconds: 60,
    severity: 'critical',
    area: 'collector',
    expression: ({ job }) => `min by (job, instance) (up{${job}}) or label_replace(absent(up{${job}}) - 1, "instance", "(none)", "", "")`,
    summary: 'The job {job} of Prometheus gets no answer from its target {instance}.',
    action: 'Start it, or see its log. Counting does not need it: programs write to Redis themselves.',
  },
  {
    id: 'integrity-gap',
    title: 'Calls were not counted as they were',
    description: `Increase of ${GAPS.join(', ')} in the window. Rises only when something was lost, so any rise fires it.`,
    needs: 'collector',
    unit: 'calls',
    fires: 'above',
    threshold: 0,
    windowSeconds: 900,
    forSeconds: 0,
    severity: 'warning',
    area: 'collector',
    expression: ({ window }) =>
      `max by (tenant, counter) (increase(token_analytics_integrity_total{counter=~"${GAPS.join('|')}"}[${window}]))`,
    summary: '{counter} rose by {value}.',
    action: '"aiwatch doctor" names the writers; a larger maxBufferBytes or a spoolDir keeps more through an outage.',
  },
  {
    id: 'sampler-stale',
    title: 'The sampler stands still',
    description: 'Age of the newest of the samples that are taken every 30 s. Stands for all collectors: one sampler is enough.',
    needs: 'collector',
    unit: 'seconds',
    fires: 'above',
    threshold: 120,
    windowSeconds: 0,
    forSeconds: 120,
    severity: 'warning',
    area: 'collector',
    expression: () => 'min by (tenant) (token_analytics_sample_age_seconds)',
    summary: 'The newest sample is {value} old, more than {threshold}.',
    action: 'GET /health of a collector says what keeps its sampler; AIWATCH_SAMPLER must not be false on all of them.',
  },
]
