/**
 * Commands of RedisTimeSeries, as `@redis/time-series` defines them, for any connection. That package takes a third of a second and 27 MB to
 * load: it is imported when a tenant turns out to need it, and never by writers.
 */
import { BasicCommandParser } from '@redis/client/dist/lib/client/parser.js'
import { transformSamplesReply } from '@redis/time-series/dist/lib/commands/helpers.js'
import { createTransformMRangeArguments } from '@redis/time-series/dist/lib/commands/MRANGE.js'
import { transformRangeArguments } from '@redis/time-series/dist/lib/commands/RANGE.js'
import type { Reply } from '../read/round-trips.ts'

export interface TimeSeriesCommand {
  command: string
  args: string[]
}

export interface TimeSeriesSample {
  timestampMs: number
  value: number
}

const parseMultiRange = createTransformMRangeArguments('TS.MRANGE')

function toCommand(parser: BasicCommandParser): TimeSeriesCommand {
  const [command = '', ...args] = parser.redisArgs.map(String)
  return { command, args }
}

/** Samples of one series with timestamps in [fromMs, toMs]. */
export function rangeCommand(key: string, fromMs: number, toMs: number): TimeSeriesCommand {
  const parser = new BasicCommandParser()
  parser.push('TS.RANGE')
  transformRangeArguments(parser, key, fromMs, toMs)
  return toCommand(parser)
}

/** The same of every series whose labels pass all filters, such as `tier=10s`. */
export function multiRangeCommand(filter: string[], fromMs: number, toMs: number): TimeSeriesCommand {
  const parser = new BasicCommandParser()
  parseMultiRange(parser, fromMs, toMs, filter)
  return toCommand(parser)
}

type RawSamples = Parameters<(typeof transformSamplesReply)[2]>[0]

/** The reply to `rangeCommand`; no such series is no samples. */
export function readRange(reply: Reply): TimeSeriesSample[] {
  if (reply === null) return []
  if (!Array.isArray(reply)) throw new TypeError('Redis replied to TS.RANGE with something else than samples')
  return transformSamplesReply[2](reply as unknown as RawSamples).map(({ timestamp, value }) => {
    const sample = { timestampMs: Number(timestamp), value: Number(value) }
    if (!Number.isSafeInteger(sample.timestampMs) || !Number.isFinite(sample.value)) {
      throw new TypeError('Redis replied with a sample that is not a time and a number')
    }
    return sample
  })
}

/** The reply to `multiRangeCommand`: each series with its key. */
export function readMultiRange(reply: Reply): { key: string; samples: TimeSeriesSample[] }[] {
  if (!Array.isArray(reply)) throw new TypeError('Redis replied to TS.MRANGE with something else than series')
  return reply.map((series) => {
    const [key, , samples] = Array.isArray(series) ? series : []
    if (!Buffer.isBuffer(key)) throw new TypeError('Redis replied to TS.MRANGE with a series without a key')
    return { key: key.toString(), samples: readRange(samples ?? null) }
  })
}
