/** Wires the seams at which a call is seen. None of them throws into the program, reads text to keep it, or does I/O of its own. */
import type { CallSink } from '../captured-call.ts'
import type { Attribution, Capture, CaptureSettings, WrapOptions } from './capture-types.ts'
import { currentContext, mergeAttribution, runInContext } from './context.ts'
import { type AnyFetch, globalFetch, hookFetch, isHooked } from './hook-fetch.ts'
import { measureCall } from './measure-call.ts'
import { recordCall } from './record-call.ts'
import { Recorder } from './recorder.ts'
import { InputReader } from './validate-input.ts'
import { isClient, wrapClient } from './wrap-client.ts'

export type * from './capture-types.ts'

export function createCapture(sink: CallSink, settings: CaptureSettings): Capture {
  const recorder = new Recorder(sink, settings)
  const report = (error: unknown) => recorder.failed(error)
  return {
    wrap(client, options) {
      try {
        if (typeof client === 'object' && client !== null && isClient(client))
          wrapClient(client, recorder, readWrapOptions(options, 'wrap', report))
        else
          report(
            new TypeError(
              'wrap: client must be one of openai, @anthropic-ai/sdk or their family (it has makeRequest, fetch and baseURL); it is not observed',
            ),
          )
      } catch (error) {
        report(error)
      }
      return client
    },
    fetch: hookFetch(globalFetch, { recorder, wrap: {} }) as typeof globalThis.fetch,
    wrapFetch(fetch, options) {
      if (typeof fetch !== 'function') {
        report(new TypeError('wrapFetch: fetch must be a function'))
        return fetch
      }
      if (isHooked(fetch)) return fetch
      return hookFetch(fetch as unknown as AnyFetch, {
        recorder,
        wrap: readWrapOptions(options, 'wrapFetch', report),
      }) as unknown as typeof fetch
    },
    with(attribution, fn) {
      const outer = currentContext()
      const inner = readAttribution(attribution, report)
      return runInContext({ ...outer, attribution: mergeAttribution(outer.attribution, inner) }, fn)
    },
    record(input) {
      try {
        recordCall(input, recorder)
      } catch (error) {
        report(error)
      }
    },
    call: (input, fn) => measureCall(input, recorder, fn),
    openCalls: () => recorder.open.size,
    settleOpenCalls() {
      for (const entry of recorder.open.members()) entry.settle()
    },
  }
}

function readAttribution(attribution: unknown, report: (error: TypeError) => void): Attribution {
  return new InputReader(attribution, 'with', report).attribution()
}

function readWrapOptions(options: unknown, where: string, report: (error: TypeError) => void): WrapOptions {
  if (options === undefined) return {}
  const read = new InputReader(options, where, report)
  return { provider: read.text('provider'), app: read.text('app'), tags: read.tags('tags') }
}
