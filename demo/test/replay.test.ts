import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AIWatch } from '@aiwatch/sdk'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeReport } from '../src/replay/describe-report.ts'
import { readReplayArguments } from '../src/replay/replay-arguments.ts'
import { isExact, type ReplayRun, runReplay } from '../src/replay/run-replay.ts'
import { describeProgress } from '../src/replay/show-progress.ts'

let redis: RedisServer
let folder: string
const sums = { requests: 300, inputTokens: 0, outputTokens: 0 }

beforeAll(async () => {
  redis = await startRedis()
  folder = await mkdtemp(join(tmpdir(), 'aiwatch-replay-'))
  const lines = ['TIMESTAMP,ContextTokens,GeneratedTokens']
  for (let i = 0; i < sums.requests; i++) {
    const [context, generated] = [(i * 7919) % 6000, (i * 104_729) % 700]
    sums.inputTokens += context
    sums.outputTokens += generated
    lines.push(`2024-01-01 00:00:${String(i % 60).padStart(2, '0')}.${String(i).padStart(7, '0')},${context},${generated}`)
  }
  await writeFile(join(folder, 'trace.csv'), lines.join('\n'))
})
afterAll(async () => {
  await redis.stop()
  await rm(folder, { recursive: true })
})

async function replay(args: string[], more: Partial<ReplayRun> = {}) {
  const asked = readReplayArguments([join(folder, 'trace.csv'), '--speed', '60', ...args])
  if (asked === 'help') throw new Error('unexpected')
  const watch = new AIWatch({ redis: redis.url, onError: () => {} })
  try {
    return await runReplay({ arguments: asked, watch, redisUrl: redis.url, tenant: 'default', baseURL: undefined, ...more })
  } finally {
    await watch.close({ timeoutMs: 500 })
  }
}

describe('a replay', () => {
  test.each([
    ['whole answers', ['--app', 'whole']],
    ['streams', ['--app', 'streamed', '--stream']],
  ])('of %s is counted to the token by simulator, SDK and Redis', async (_, args) => {
    const report = await replay(args)
    expect(report.services[0]).toMatchObject({ app: args[1], file: sums, simulator: sums, redis: sums })
    expect(report).toMatchObject({ recorded: 300, unacknowledged: 0, redisError: undefined })
    expect(isExact(report)).toBe(true)
    expect(describeReport(report)).toContain('exact: every count is the same')
  })

  test('a second time into the same Redis compares only what it added itself, and a limit takes the first rows', async () => {
    const report = await replay(['--app', 'whole', '--limit', '20'])
    expect(report.services[0]?.redis?.requests).toBe(20)
    expect(isExact(report)).toBe(true)
  })

  test('that Redis did not get is a difference', async () => {
    const report = await replay(['--app', 'elsewhere', '--limit', '5'], { tenant: 'another' })
    expect(isExact(report)).toBe(false)
    expect(describeReport(report)).toMatch(/Redis\s+0 \(-5\)[\s\S]*DIFFERENT/)
  })

  test('whose calls all fail is a difference that says why', async () => {
    const report = await replay(['--app', 'nobody', '--limit', '2'], { baseURL: 'http://127.0.0.1:9/v1' })
    expect(report.result.services[0]).toMatchObject({ answered: 0, failed: 2 })
    expect(isExact(report)).toBe(false)
    expect(describeReport(report)).toContain('2 calls failed: Connection error')
  })
})

describe('the command line', () => {
  test('names apps after files, or as told', () => {
    const asked = readReplayArguments(['/data/conv.csv', 'code.v2.csv', '--app', 'chat'])
    expect(asked).toMatchObject({ files: [{ app: 'chat' }, { app: 'code.v2' }], speed: 60, stream: false })
  })

  test.each([
    [[], /no trace file/],
    [['a.csv', '--speed', '0'], /--speed must be a number above 0/],
    [['a.csv', '--limit', '1.5'], /--limit must be a whole number/],
    [['a.csv', 'b/a.csv'], /same app/],
    [['a.csv', '--nonsense'], /nonsense/],
  ])('%j is refused by name', (args, message) => {
    expect(() => readReplayArguments(args)).toThrow(message)
  })
})

test('progress shows share, rate and delay', () => {
  expect(describeProgress({ done: 50, total: 200, behindMs: 2300 }, 10)).toBe(
    '[#######.......................]  25 %  50/200  5/s, 2.3 s behind',
  )
})
