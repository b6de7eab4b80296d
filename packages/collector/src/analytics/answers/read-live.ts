/** The figures that the stream tells each second. */
import { bucketStart, CODE, type StoreReader } from '@aiwatch/store'
import type { Live } from '../../contract/index.ts'
import { isoOf } from '../instants.ts'
import { usdOf } from '../money.ts'
import { readActive } from '../read-active.ts'
import { readRecent } from '../read-recent.ts'
import { mergeAll } from '../sums.ts'
import { describeActive } from './describe-active.ts'

const DAY_SECONDS = 86_400

export async function readLive(reader: StoreReader, nowMs: number): Promise<Live> {
  const [recent, active, today] = await Promise.all([
    readRecent(reader, nowMs),
    readActive(reader),
    reader.sums(bucketStart(nowMs, DAY_SECONDS), nowMs / 1000 + 10),
  ])
  const measured = (value: number) => (recent.requests > 0 ? value : null)
  return {
    at: isoOf(nowMs),
    calls_per_second: recent.callsPerSecond,
    input_tokens_per_second: recent.inputPerMinute / 60,
    output_tokens_per_second: recent.outputPerMinute / 60,
    calls_5m: recent.requests,
    error_rate: recent.errorRate,
    latency_p50_seconds: measured(recent.p50Seconds),
    latency_p95_seconds: measured(recent.p95Seconds),
    latency_p99_seconds: measured(recent.p99Seconds),
    cost_today_usd: usdOf(mergeAll(today), CODE.costNanoUsd),
    active: describeActive(active),
  }
}
