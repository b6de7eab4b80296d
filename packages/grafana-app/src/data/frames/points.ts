/** The course of a window, as the overview and a model have it. */
import type { Figures, LatencyPoint, Point, Window } from '@aiwatch/collector/contract'
import { t } from '../../t.ts'
import { figureColumns } from './figure-columns.ts'
import { bucketColumn, type Frame, makeFrame, UNIT } from './frame.ts'
import type { Parts } from './part.ts'

interface Compared {
  window: Window
  figures: Figures
  previous: Figures | null
}

/** Two rows, the window before and the window, so that a stat panel shows the newer one and the change between them. */
function comparedFrame({ window, figures, previous }: Compared): Frame {
  const fromMs = Date.parse(window.from)
  const lengthMs = Date.parse(window.to) - fromMs
  const rows = [...(previous ? [{ at: fromMs - lengthMs, figures: previous }] : []), { at: fromMs, figures }]
  return makeFrame('figures', rows, [
    { name: 'time', title: t('columns.time', 'Time'), type: 'time', value: ({ at }) => at },
    ...figureColumns<(typeof rows)[number]>((row) => row.figures),
  ])
}

function pointsFrame(points: readonly Point[]): Frame {
  return makeFrame<Point>('points', points, [
    bucketColumn(),
    { name: 'calls', title: t('columns.calls', 'Calls'), unit: UNIT.count, value: ({ calls }) => calls },
    { name: 'errors', title: t('columns.errors', 'Errors'), unit: UNIT.count, value: ({ errors }) => errors },
    { name: 'input_tokens', title: t('columns.input-tokens', 'Input tokens'), unit: UNIT.count, value: ({ input_tokens }) => input_tokens },
    {
      name: 'output_tokens',
      title: t('columns.output-tokens', 'Output tokens'),
      unit: UNIT.count,
      value: ({ output_tokens }) => output_tokens,
    },
    { name: 'cost_usd', title: t('columns.cost', 'Cost'), unit: UNIT.usd, value: ({ cost_usd }) => cost_usd },
  ])
}

/** The same per second, so that charts of different steps compare. */
function ratesFrame(points: readonly Point[], stepSeconds: number): Frame {
  const rate = (name: 'calls' | 'errors' | 'input_tokens' | 'output_tokens', title: string) => ({
    name: `${name}_per_second`,
    title,
    unit: UNIT.perSecond,
    min: 0,
    value: (point: Point) => point[name] / stepSeconds,
  })
  return makeFrame('rates', points, [
    bucketColumn(),
    rate('calls', t('columns.calls', 'Calls')),
    rate('errors', t('columns.errors', 'Errors')),
    rate('input_tokens', t('columns.input-tokens', 'Input tokens')),
    rate('output_tokens', t('columns.output-tokens', 'Output tokens')),
  ])
}

function latencyFrame(points: readonly LatencyPoint[]): Frame {
  const percentile = (name: Exclude<keyof LatencyPoint, 'timestamp' | 'calls'>, title: string) => ({
    name,
    title,
    unit: UNIT.seconds,
    min: 0,
    value: (point: LatencyPoint) => point[name],
  })
  return makeFrame('latency', points, [
    bucketColumn(),
    percentile('latency_p50_seconds', t('columns.p50', 'p50')),
    percentile('latency_p95_seconds', t('columns.p95', 'p95')),
    percentile('latency_p99_seconds', t('columns.p99', 'p99')),
    percentile('first_token_p50_seconds', t('columns.first-token', 'First token')),
  ])
}

interface Course extends Compared {
  points: readonly Point[]
  latency_points: readonly LatencyPoint[]
  step_seconds: number
}

export const courseParts = {
  figures: {
    title: () => t('parts.key-figures-beside-the-window-before', 'Key figures, beside the window before'),
    toFrames: (reply) => [comparedFrame(reply)],
  },
  rates: {
    title: () => t('parts.course-per-second', 'Course, per second'),
    toFrames: ({ points, step_seconds }) => [ratesFrame(points, step_seconds)],
  },
  points: { title: () => t('parts.course-per-bucket', 'Course, per bucket'), toFrames: ({ points }) => [pointsFrame(points)] },
  latency: {
    title: () => t('parts.latency-over-time', 'Latency over time'),
    toFrames: ({ latency_points }) => [latencyFrame(latency_points)],
  },
} satisfies Parts<Course>
