/** The state history of Grafana, whichever of its two stores it is kept in. */

export interface Transition {
  /** Milliseconds. */
  time: number
  from: string
  to: string
  /** Which series: its labels, as far as Grafana tells. */
  series: string
}

interface Annotation {
  time?: number
  prevState?: string
  newState?: string
  text?: string
}

/** `Title {a=b} - A=1.0` → `a=b`. */
function seriesOf(text: string): string {
  return /\{(.*)\} - /s.exec(text)?.[1] ?? ''
}

const newestFirst = (transitions: Transition[]) => transitions.sort((one, other) => other.time - one.time)

/** From `/api/annotations`, where history is kept by default. */
export function readAnnotations(answer: unknown): Transition[] {
  if (!Array.isArray(answer)) return []
  return newestFirst(
    (answer as Annotation[]).flatMap(({ time, prevState, newState, text }) =>
      time !== undefined && newState ? [{ time, from: prevState ?? '', to: newState, series: seriesOf(text ?? '') }] : [],
    ),
  )
}

interface Frame {
  schema?: { fields?: { name: string }[] }
  data?: { values?: unknown[][] }
}

interface LokiLine {
  previous?: string
  current?: string
  labels?: Record<string, string>
}

/** From `/api/v1/rules/history`, where history is kept in Loki: a frame of `time` and `line`. */
export function readHistoryFrame(answer: unknown): Transition[] {
  const { schema, data } = (answer ?? {}) as Frame
  const column = (name: string) => data?.values?.[schema?.fields?.findIndex((field) => field.name === name) ?? -1] ?? []
  const lines = column('line') as LokiLine[]
  return newestFirst(
    lines.flatMap(({ previous, current, labels = {} }, index) => {
      const time = Number(column('time')[index])
      const series = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
      return current && time > 0 ? [{ time, from: previous ?? '', to: current, series: series.join(', ') }] : []
    }),
  )
}

/** Milliseconds; undefined where it never did, as far as history goes back. */
export function lastFired(transitions: readonly Transition[]): number | undefined {
  return transitions.find(({ to }) => to.startsWith('Alerting'))?.time
}
