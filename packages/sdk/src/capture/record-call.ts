/** `record()`: a call that was measured elsewhere. */
import { alreadyRead, type CapturedCall } from '../captured-call.ts'
import { newCallId } from './call-id.ts'
import { currentContext, mergeAttribution } from './context.ts'
import { NO_USAGE } from './exchange.ts'
import { attribute } from './open-call.ts'
import type { Recorder } from './recorder.ts'
import { completeUsage, InputReader } from './validate-input.ts'

export function recordCall(input: unknown, recorder: Recorder): void {
  const report = (error: TypeError) => recorder.failed(error)
  const read = new InputReader(input, 'record', report)
  const durationMs = read.amount('durationMs') ?? 0
  const model = read.name('model')
  const given = read.raw('usage') === undefined ? {} : new InputReader(read.raw('usage'), 'record: usage', report).usage()
  const firstTokenMs = read.amount('timeToFirstTokenMs')
  const call: CapturedCall = {
    id: newCallId(),
    startedAt: read.amount('startedAt') ?? recorder.wallClock() - durationMs,
    provider: read.name('provider'),
    model,
    requestModel: read.text('requestModel') ?? model,
    operation: read.text('operation') ?? 'chat',
    stream: read.flag('stream') ?? firstTokenMs !== undefined,
    tags: {},
    usage: completeUsage(given, read) ?? NO_USAGE,
    durationMs,
    outcome: read.outcome('outcome') ?? 'ok',
    attempts: Math.max(1, read.count('attempts') ?? 1),
  }
  const optional = {
    app: read.text('app') ?? recorder.settings.app,
    timeToFirstTokenMs: firstTokenMs,
    timePerOutputTokenMs: read.amount('timePerOutputTokenMs'),
    httpStatus: read.count('httpStatus'),
    measuredCostNanoUsd: read.count('costNanoUsd'),
  }
  for (const [field, value] of Object.entries(optional)) if (value !== undefined) Object.assign(call, { [field]: value })
  recorder.record(alreadyRead(attribute(call, mergeAttribution(currentContext().attribution, read.attribution()), {}, recorder)))
}
