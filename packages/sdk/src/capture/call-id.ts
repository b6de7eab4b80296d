/** Ids of calls: random per process, numbered within. They are made for each call, where a UUID costs several times as much. */
import { randomBytes } from 'node:crypto'

const PROCESS = randomBytes(12).toString('base64url')
let last = 0

export function newCallId(): string {
  return `${PROCESS}-${(++last).toString(36)}`
}
