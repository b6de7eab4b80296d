/** An overview that goes on: what the stream has said since it was answered is put into it. */
import type { LatencyPoint, Live, Overview, Point } from '@aiwatch/collector/contract'

/** The parts that the stream tells of. The others hold what only an answer does. */
export const STREAMED_PARTS: readonly string[] = ['rates', 'latency', 'active', 'cost']

/** Buckets that `lives` fall into are replaced, those after them added. The newest of a bucket counts. */
function withTail<Row extends { timestamp: number }>(
  rows: readonly Row[],
  { lives, stepSeconds, toRow }: { lives: readonly Live[]; stepSeconds: number; toRow(timestamp: number, live: Live): Row },
): Row[] {
  const stepMs = stepSeconds * 1000
  const byTime = new Map(rows.map((row) => [row.timestamp, row]))
  for (const live of lives) {
    const timestamp = Math.floor(Date.parse(live.at) / stepMs) * stepMs
    byTime.set(timestamp, toRow(timestamp, live))
  }
  return [...byTime.values()].sort((a, b) => a.timestamp - b.timestamp)
}

const toLatencyPoint = (timestamp: number, live: Live): LatencyPoint => ({
  timestamp,
  calls: live.calls_5m,
  latency_p50_seconds: live.latency_p50_seconds,
  latency_p95_seconds: live.latency_p95_seconds,
  latency_p99_seconds: live.latency_p99_seconds,
  first_token_p50_seconds: null,
})

/** The rates of the last minute, as the sums that make them in a bucket. What a bucket cost is not told. */
const toPoint =
  (stepSeconds: number) =>
  (timestamp: number, live: Live): Point => ({
    timestamp,
    calls: live.calls_per_second * stepSeconds,
    errors: live.error_rate * live.calls_per_second * stepSeconds,
    input_tokens: live.input_tokens_per_second * stepSeconds,
    output_tokens: live.output_tokens_per_second * stepSeconds,
    cost_usd: 0,
  })

/** `lives`: since the answer, oldest first. A bucket that is not over has the rate of the last minute instead of a part of a bucket. */
export function withLive(overview: Overview, lives: readonly Live[]): Overview {
  const newest = lives.at(-1)
  if (!newest) return overview
  const { step_seconds: stepSeconds, latency_step_seconds: latencyStepSeconds } = overview
  const spoken = lives.filter(({ calls_5m }) => calls_5m > 0)
  return {
    ...overview,
    window: { ...overview.window, to: newest.at },
    points: withTail(overview.points, { lives, stepSeconds, toRow: toPoint(stepSeconds) }),
    latency_points: withTail(overview.latency_points, { lives: spoken, stepSeconds: latencyStepSeconds, toRow: toLatencyPoint }),
    active: newest.active,
    cost_today_usd: newest.cost_today_usd,
  }
}
