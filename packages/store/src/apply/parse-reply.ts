import { StoreError } from '../errors.ts'
import type { Applied, Duplicate, Gap, Torn } from './apply-result.ts'

/** What the apply script says: a result, or a request to the caller of the script. */
export type ScriptReply =
  | (Omit<Applied, 'clampedCalls'> & { coldRows: number })
  | Duplicate
  | Gap
  | Torn
  | { status: 'future'; serverTimeMs: number }
  | { status: 'wrong_backend'; backend: string }

function asText(entry: unknown): string {
  return Buffer.isBuffer(entry) ? entry.toString() : String(entry)
}

/** Clients with `stringNumbers` give integers as strings. */
function asInteger(entry: unknown, name: string): number {
  const value = Number(entry)
  if (Number.isSafeInteger(value)) return value
  throw new StoreError(`the apply script answered ${asText(entry)} as ${name}`, { code: 'unknown', retryable: true })
}

export function parseReply(reply: unknown): ScriptReply {
  if (!Array.isArray(reply)) throw new StoreError(`the apply script answered ${asText(reply)}`, { code: 'unknown', retryable: true })
  const status = asText(reply[0])
  const last = asInteger(reply[1], 'last')
  const serverTimeMs = asInteger(reply[2], 'server time')
  switch (status) {
    case 'duplicate':
    case 'gap':
    case 'torn':
      return { status, last, serverTimeMs }
    case 'future':
      return { status, serverTimeMs }
    case 'backend':
      return { status: 'wrong_backend', backend: asText(reply[3]) }
    case 'applied': {
      const firstRefusal = asText(reply[4])
      return {
        status,
        last,
        serverTimeMs,
        refusedOperations: asInteger(reply[3], 'refused operations'),
        ...(firstRefusal === '' ? {} : { firstRefusal }),
        lateCalls: asInteger(reply[5], 'late calls'),
        lateRefusedCalls: asInteger(reply[6], 'refused late calls'),
        foldedCells: asInteger(reply[7], 'folded cells'),
        coldRows: asInteger(reply[8], 'cold rows'),
      }
    }
    default:
      throw new StoreError(`the apply script answered ${status}`, { code: 'unknown', retryable: true })
  }
}
