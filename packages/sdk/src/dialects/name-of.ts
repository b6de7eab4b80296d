/**
 * Names out of texts, each made once: a part of a text would keep the whole of it alive, and a string that is the same object as the one before is
 * found in maps without being read.
 */

/** A program calls few models. Names come from outside, so there must be a bound; at the bound all are made anew. */
const MAX_NAMES = 1000

const names = new Map<string, string>()

/** The text from `start` to `end`, as a string of its own. */
export function nameOf(text: string, start: number, end: number): string {
  const part = text.slice(start, end)
  const known = names.get(part)
  if (known !== undefined) return known
  if (names.size >= MAX_NAMES) names.clear()
  const name = Buffer.from(part).toString()
  names.set(name, name)
  return name
}
