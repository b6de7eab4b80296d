/** The course of a window, as the overview and a model have it. */
import type { Figures, LatencyPoint, Point, Window } from '@aiwatch/collector/contract'
import { figureColumns } from './figure-columns.ts'
import { BUCKET, type Frame, makeFrame, UNIT } from './frame.ts'

interface Compared {
  window: Window
  figures: Figures
  previous: Figures | null
}

/** Two rows, the window before and the window, so that a stat panel shows the newer one and the change between them. */
export function comparedFrame({ window, figures, previous }: Compared): Frame {
  const fromMs = Date.parse(window.from)
  const lengthMs = Date.parse(window.to) - fromMs
  const rows = [...(previous ? [{ at: fromMs - lengthMs, figures: previous }] : []), { at: fromMs, figures }]
  return makeFrame('figures', rows, [
    { name: 'time', title: 'Time', type: 'time', value: ({ at }) => at },
    ...figureColumns<(typeof rows)[number]>((row) => row.figures),
  ])
}

export function pointsFrame(points: readonly Point[]): Frame {
  return makeFrame<Point>('points', points, [
    BUCKET,
    { name: 'calls', title: 'Calls', unit: UNIT.count, value: ({ calls }) => calls },
    { name: 'errors', title: 'Errors', unit: UNIT.count, value: ({ errors }) => errors },
    { name: 'input_tokens', title: 'Input tokens', unit: UNIT.count, value: ({ input_tokens }) => input_tokens },
    { name: 'output_tokens', title: 'Output tokens', unit: UNIT.count, value: ({ output_tokens }) => output_tokens },
    { name: 'cost_usd', title: 'Cost', unit: UNIT.usd, value: ({ cost_usd }) => cost_usd },
  ])
}

/** The same per second, so that charts of different steps compare. */
export function ratesFrame(points: readonly Point[], stepSeconds: number): Frame {
  const rate = (name: 'calls' | 'errors' | 'input_tokens' | 'output_tokens', title: string) => ({
    name: `${name}_per_second`,
    title,
    unit: UNIT.perSecond,
    min: 0,
    value: (point: Point) => point[name] / stepSeconds,
  })
  return makeFrame('rates', points, [
    BUCKET,
    rate('calls', 'Calls'),
    rate('errors', 'Errors'),
    rate('input_tokens', 'Input tokens'),
    rate('output_tokens', 'Output tokens'),
  ])
}

export function latencyFrame(points: readonly LatencyPoint[]): Frame {
  const percentile = (name: Exclude<keyof LatencyPoint, 'timestamp' | 'calls'>, title: string) => ({
    name,
    title,
    unit: UNIT.seconds,
    min: 0,
    value: (point: LatencyPoint) => point[name],
  })
  return makeFrame('latency', points, [
    BUCKET,
    percentile('latency_p50_seconds', 'p50'),
    percentile('latency_p95_seconds', 'p95'),
    percentile('latency_p99_seconds', 'p99'),
    percentile('first_token_p50_seconds', 'First token p50'),
  ])
}
