import type { ErrorKind } from '../errors.ts'

/** HTTP status of what was wrong with a question. */
export const STATUS_OF_ERROR: Record<ErrorKind, number> = { invalid: 400, unknown_key: 404, too_large: 400, redis_away: 503 }
