/** What is wrong with a whole page rather than with one of its panels. */
interface Answered {
  state: string
  message?: string
}

/** The sentence that at least half of the answered panels show instead of their figures; undefined where there is none. */
export function findSharedFailure(answers: readonly Answered[]): string | undefined {
  const counts = new Map<string, number>()
  for (const { state, message } of answers) {
    if (state === 'Error' && message) counts.set(message, (counts.get(message) ?? 0) + 1)
  }
  const [most] = [...counts].sort(([, one], [, other]) => other - one)
  return most && most[1] * 2 >= answers.length ? most[0] : undefined
}
