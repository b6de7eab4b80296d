/** What `aiwatch doctor` says of one thing. `unknown`: it could not be looked at, which is no fault. */
export type Level = 'ok' | 'warning' | 'problem' | 'unknown'

export interface Finding {
  level: Level
  /** Name of the check, such as `persistence`. */
  check: string
  /** One sentence: what is. */
  what: string
  /** One sentence: what to do. */
  advice?: string
}

export type Verdict = Omit<Finding, 'check'>

export const ok = (what: string): Verdict => ({ level: 'ok', what })
export const warning = (what: string, advice: string): Verdict => ({ level: 'warning', what, advice })
export const problem = (what: string, advice: string): Verdict => ({ level: 'problem', what, advice })
export const unknown = (what: string): Verdict => ({ level: 'unknown', what })

/** A named check; it may say several things. */
export interface Check {
  name: string
  run(): Promise<Verdict | Verdict[]>
}

/** What Redis says to a command that the user may not use, or that a managed service has taken away. */
export function isRefused(error: unknown): boolean {
  return /NOPERM|unknown command|not allowed|disabled|unsupported|not supported|permission/i.test((error as Error).message)
}

export const NOT_ALLOWED = 'not allowed to look'

/** What a command answers, or undefined when the user may not use it. Other errors are thrown. */
export async function ifAllowed<Reply>(ask: () => Promise<Reply>): Promise<Reply | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (isRefused(error)) return undefined
    throw error
  }
}
