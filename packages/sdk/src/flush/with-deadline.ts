class DeadlineError extends Error {
  constructor(what: string, deadlineMs: number) {
    super(`${what} within ${Math.round(deadlineMs)} ms`)
    this.name = 'DeadlineError'
  }
}

export interface Deadline {
  deadlineMs: number
  /** What did not happen in time, for the message. */
  what: string
  /** Whether the timer keeps the process alive: it does where somebody waits for the answer. */
  holdsProcess: boolean
}

/** Rejects with a DeadlineError when `work` takes longer. */
export async function withDeadline<T>(work: Promise<T>, { deadlineMs, what, holdsProcess }: Deadline): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(what, deadlineMs)), deadlineMs)
    if (!holdsProcess) timer.unref()
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}
