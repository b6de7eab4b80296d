/** Every variable that a part of AIWatch reads and whose name begins with `AIWATCH_`; a name that is near to one of them is likely misspelt. */
const KNOWN_VARIABLES = [
  // The SDK.
  'AIWATCH_APP',
  'AIWATCH_API_KEY',
  'AIWATCH_CLOSE_TIMEOUT_MS',
  'AIWATCH_ENABLED',
  'AIWATCH_FLUSH_INTERVAL_MS',
  'AIWATCH_MAX_BUFFER_BYTES',
  'AIWATCH_PRICES',
  'AIWATCH_REDIS_URL',
  'AIWATCH_SECRET',
  'AIWATCH_STREAM_USAGE',
  'AIWATCH_TAGS',
  'AIWATCH_TENANT',
  'AIWATCH_USER_IDS',
  // The collector and the command.
  'AIWATCH_ANSWER_CACHE_MS',
  'AIWATCH_COLLECTOR_URL',
  'AIWATCH_LISTEN',
  'AIWATCH_LOG',
  'AIWATCH_MAX_BODY_BYTES',
  'AIWATCH_MAX_BUCKETS',
  'AIWATCH_MAX_POINTS',
  'AIWATCH_MAX_QUERIES',
  'AIWATCH_PUBLISHER',
  'AIWATCH_REDIS_TIMEOUT_MS',
  'AIWATCH_SAMPLER',
  'AIWATCH_URL',
  // npm start, and the simulated and the local model.
  'AIWATCH_CACHE_DIR',
  'AIWATCH_REDIS',
  'AIWATCH_REDIS_PORT',
  'AIWATCH_SIMULATOR_FAULTS',
  'AIWATCH_SIMULATOR_PORT',
  'AIWATCH_SIMULATOR_SEED',
  'AIWATCH_SIMULATOR_SPEED',
  'AIWATCH_SIMULATOR_URL',
  'AIWATCH_STATE_DIR',
] as const

/** Of tests and traces: for those who work on AIWatch. Any name that begins so is taken. */
const KNOWN_PREFIXES = ['AIWATCH_TEST_', 'AIWATCH_TRACE_', 'AIWATCH_LOCAL_MODEL', 'AIWATCH_MODEL_']
const MAX_DISTANCE = 3

export function isKnownVariable(name: string): boolean {
  return (KNOWN_VARIABLES as readonly string[]).includes(name) || KNOWN_PREFIXES.some((prefix) => name.startsWith(prefix))
}

/** Changes of one character (put in, left out, another, two swapped) that make one of the other. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let least = Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (before[j - 2] as number) + 1)
      next.push(least)
    }
    before = row
    row = next
  }
  return row[b.length] as number
}

/** The known name that is nearest; undefined when none is near. */
export function nearestVariable(name: string): string | undefined {
  const [nearest] = KNOWN_VARIABLES.map((known) => ({ known, away: distance(name, known) })).sort((a, b) => a.away - b.away)
  return nearest && nearest.away <= MAX_DISTANCE ? nearest.known : undefined
}
