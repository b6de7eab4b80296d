import { StoreError, type StoreErrorCode, toStoreError } from '@aiwatch/store'
import { expect, test } from 'vitest'

const cases: [text: string, code: StoreErrorCode, retryable: boolean][] = [
  ["OOM command not allowed when used memory > 'maxmemory', script: ab12, on @user_script:1.", 'out_of_memory', true],
  ["READONLY You can't write against a read only replica.", 'read_only', true],
  ['LOADING Redis is loading the dataset in memory', 'loading', true],
  ['NOSCRIPT No matching script. Please use EVAL.', 'no_script', true],
  ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 'unavailable', true],
  ['TRYAGAIN Multiple keys request during rehashing of slot', 'unavailable', true],
  ['CLUSTERDOWN The cluster is down', 'unavailable', true],
  ['NOREPLICAS Not enough good replicas to write.', 'unavailable', true],
  ['BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.', 'busy', true],
  ['NOAUTH Authentication required.', 'auth', false],
  ['WRONGPASS invalid username-password pair or user is disabled.', 'auth', false],
  ["NOPERM User ada has no permissions to run the 'evalsha' command", 'auth', false],
  ['MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk.', 'misconf', true],
  ["CROSSSLOT Keys in request don't hash to the same slot", 'cross_slot', false],
  ['MOVED 3999 127.0.0.1:6381', 'cross_slot', false],
  ["ERR unknown command 'ZMSCORE', with args beginning with:", 'unsupported', false],
  ['Command timed out', 'timeout', true],
  ['connect ECONNREFUSED 127.0.0.1:1', 'connection', true],
  ["Stream isn't writeable and enableOfflineQueue options is false", 'connection', true],
  ['Connection is closed.', 'connection', true],
  ['Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option for details.', 'connection', true],
  ['something else', 'unknown', true],
]

test.each(cases)('%s', (text, code, retryable) => {
  const cause = new Error(text)
  const error = toStoreError(cause)
  expect(error).toBeInstanceOf(StoreError)
  expect(error).toMatchObject({ code, retryable, cause })
  expect(error.message).toContain(text.slice(0, 20))
})

test('a code of the network is enough, and a StoreError comes back as it is', () => {
  const error = toStoreError(Object.assign(new Error(''), { code: 'ECONNRESET' }))
  expect(error.code).toBe('connection')
  expect(toStoreError(error)).toBe(error)
  expect(toStoreError('text').code).toBe('unknown')
})
