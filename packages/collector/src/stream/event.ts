/** Server-sent events, and the ids by which they are resumed: those of the Redis stream of kept calls. */

const STREAM_ID = /^(\d{1,20})-(\d{1,20})$/

export function isEntryId(text: string): boolean {
  return STREAM_ID.test(text)
}

/** Below 0 when `a` is older, above when it is newer. */
export function compareIds(a: string, b: string): number {
  if (a === b) return 0
  const [, aMs = '0', aSequence = '0'] = STREAM_ID.exec(a) ?? []
  const [, bMs = '0', bSequence = '0'] = STREAM_ID.exec(b) ?? []
  const difference = BigInt(aMs) - BigInt(bMs) || BigInt(aSequence) - BigInt(bSequence)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

export function formatEvent(event: string, id: string | undefined, data: unknown): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}
