/** Text of a wanted number of tokens. A token here is one word with the space before it. */
const PARAGRAPH =
  'A river begins as rain on high ground and gathers what the slopes let go. Small streams join it and each of them brings its own colour and its own sand. ' +
  'Where the valley is narrow the water runs fast and where it is wide it rests and turns and leaves the sand behind. People who live near it learn its habits. ' +
  'They know the month in which it rises and the stones that stay dry and the bend where fish wait in the shade. They build bridges where the banks are firm and ' +
  'mills where the fall is steep and they write down the height of each flood on the wall of the same house. A line on that wall is worth more than a guess. ' +
  'Whoever reads the lines can tell a year of drought from a year of plenty and can say what may come next and how sure that is. The river does not hurry for them. ' +
  'It carries boats and leaves and light to the sea and then the sun lifts it up again and the wind takes it back over the hills to where it was. '

const WORDS = PARAGRAPH.trim().split(' ')
/** Long enough that the answers of most calls are one slice. */
const POOL_TOKENS = 4096
const TOKENS: string[] = Array.from({ length: POOL_TOKENS }, (_, i) => ` ${WORDS[i % WORDS.length]}`)
const POOL = TOKENS.join('')
const OFFSETS = new Uint32Array(POOL_TOKENS + 1)
for (let i = 0; i < POOL_TOKENS; i++) OFFSETS[i + 1] = (OFFSETS[i] as number) + (TOKENS[i] as string).length

const SENTENCE_STARTS = TOKENS.flatMap((_, at) => (at === 0 || TOKENS[at - 1]?.endsWith('.') ? [at] : []))

/** A place where a sentence begins, for a uniform number in [0, 1). */
export function sentenceStart(uniform: number): number {
  return SENTENCE_STARTS[Math.floor(uniform * SENTENCE_STARTS.length)] ?? 0
}

/** `count` tokens from place `start` of an endless text. It holds no character that JSON escapes. */
export function tokenText(start: number, count: number): string {
  const from = start % POOL_TOKENS
  const end = from + count
  if (end <= POOL_TOKENS) return POOL.slice(OFFSETS[from], OFFSETS[end])
  const first = POOL.slice(OFFSETS[from])
  const rest = end - POOL_TOKENS
  return first + POOL.repeat(Math.floor(rest / POOL_TOKENS)) + POOL.slice(0, OFFSETS[rest % POOL_TOKENS])
}

/** Cuts a text into pieces of about `characters`, never inside a character. */
export function cutText(text: string, characters: number): string[] {
  const pieces: string[] = []
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + characters)
    const last = text.charCodeAt(end - 1)
    // The first half of a surrogate pair takes its second half with it.
    if (last >= 0xd800 && last <= 0xdbff && end < text.length) end++
    pieces.push(text.slice(at, end))
    at = end
  }
  return pieces
}
