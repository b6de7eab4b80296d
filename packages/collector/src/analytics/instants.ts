/** Instants in answers: ISO 8601, UTC. */

export const isoOf = (milliseconds: number) => new Date(milliseconds).toISOString()

/** Null for what was never seen: absent, or 0 as the store writes it. */
export const isoOrNull = (milliseconds: number | undefined) => (milliseconds ? isoOf(milliseconds) : null)
