/** Numbers that look random and are the same in every run: a test that fails says the seed. */
export function randomChoices(seed: number) {
  let state = seed >>> 0
  /** From 0 up to 1; Mulberry32. */
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return {
    whole,
    oneOf: <Value>(values: readonly Value[]): Value => values[whole(0, values.length - 1)] as Value,
    chance: (share: number) => next() < share,
  }
}

export type RandomChoices = ReturnType<typeof randomChoices>
