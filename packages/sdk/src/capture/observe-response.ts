/**
 * Observes the answer that the caller gets: the real Response, whose ways to read the body tell us what passes. The methods stand on an
 * object between the response and its prototype, one per kind of response, so that a response costs one assignment, not nine.
 */
import { Branch } from './branch.ts'
import { branchOf, findBranch, tieBranch } from './branch-tag.ts'
import type { Exchange } from './exchange.ts'
import { observeStream } from './observe-stream.ts'
import { expectReading } from './unread-answers.ts'

type Observed = Response
type Method = (this: Observed) => unknown

const observedPrototypes = new WeakMap<object, object>()

/** The object with the observing methods for responses of this prototype. */
function observedPrototype(prototype: object): object {
  let observed = observedPrototypes.get(prototype)
  if (observed) return observed
  const original = prototype as Record<string, Method>
  const methods: PropertyDescriptorMap = {
    body: { configurable: true, get: getBody, set: undefined },
    clone: { configurable: true, writable: true, value: cloneObserved },
  }
  const wholes = { json: readJson, text: readText, arrayBuffer: readBytes, bytes: readBytes, blob: readBlob, formData: readOther }
  for (const [name, read] of Object.entries(wholes)) {
    const method = original[name]
    if (typeof method === 'function') methods[name] = { configurable: true, writable: true, value: read(name, method) }
  }
  observed = Object.create(prototype, methods) as object
  observedPrototypes.set(prototype, observed)
  return observed

  function getBody(this: Observed): unknown {
    const body = Reflect.get(prototype, 'body', this) as unknown
    const branch = findBranch(this)
    if (typeof body !== 'object' || body === null || branch === undefined) return body
    return observeStream(body, branch)
  }

  function cloneObserved(this: Observed): unknown {
    const copy = (original.clone as Method).call(this) as Response
    return observe(copy, branchOf(this).fork(false))
  }
}

/** A reader of the whole body that does not change what the caller gets. */
function observeWhole<Value>(method: Method, take: (branch: Branch, value: Value) => void) {
  return function (this: Observed): unknown {
    const branch = branchOf(this)
    branch.readWhole()
    const result = method.call(this) as Promise<Value>
    result.then(
      (value) => {
        try {
          take(branch, value)
        } catch (error) {
          branch.exchange.call.recorder.failed(error)
        }
      },
      (thrown) => (thrown instanceof SyntaxError ? branch.readMalformed() : branch.fail(thrown)),
    )
    return result
  }
}

/** Reads a body from which the event that we asked for must be cut: as a blob, which keeps the type. */
async function readCut(response: Observed): Promise<Blob> {
  const branch = branchOf(response)
  branch.readWhole()
  try {
    const blob = await Response.prototype.blob.call(response)
    const parts = [branch.feed(new Uint8Array(await blob.arrayBuffer())), branch.finish()].filter((part) => part !== undefined)
    return new Blob(parts as Uint8Array<ArrayBuffer>[], { type: blob.type })
  } catch (thrown) {
    branch.fail(thrown)
    throw thrown
  }
}

/** `plain`, or the cut body in the form that the caller asked for. */
function cutOr(plain: Method, convert: (blob: Blob) => unknown): Method {
  return function () {
    const canCut = branchOf(this).hides && this instanceof Response && !this.bodyUsed
    return canCut ? readCut(this).then(convert) : plain.call(this)
  }
}

function readJson(_name: string, method: Method): Method {
  return cutOr(
    observeWhole(method, (branch, value) => branch.readValue(value)),
    async (blob) => JSON.parse(await blob.text()),
  )
}

function readText(_name: string, method: Method): Method {
  return cutOr(
    observeWhole<string>(method, (branch, text) => readStreamOrText(branch, text)),
    (blob) => blob.text(),
  )
}

function readBytes(name: string, method: Method): Method {
  return cutOr(
    observeWhole<ArrayBuffer | Uint8Array>(method, (branch, bytes) =>
      readStreamOrText(branch, Buffer.from(bytes as ArrayBuffer).toString()),
    ),
    async (blob) => (name === 'bytes' ? new Uint8Array(await blob.arrayBuffer()) : blob.arrayBuffer()),
  )
}

function readBlob(_name: string, method: Method): Method {
  return cutOr(
    observeWhole<Blob>(method, (branch, blob) => {
      blob
        .text()
        .then((text) => readStreamOrText(branch, text))
        .catch((thrown) => branch.fail(thrown))
    }),
    (blob) => blob,
  )
}

function readOther(_name: string, method: Method): Method {
  return observeWhole(method, (branch) => branch.end('whole'))
}

/** An event stream that is read whole is scanned all the same. */
function readStreamOrText(branch: Branch, text: string): void {
  if (branch.isStream) {
    branch.feed(Buffer.from(text))
    branch.finish()
  } else branch.takeText(text)
}

function observe(response: Response, branch: Branch): Response {
  const target = response as Observed
  // Stand-ins are handed out again and again.
  if (!tieBranch(target, branch)) return response
  if (Object.hasOwn(target, 'text') || Object.hasOwn(target, 'json') || Object.hasOwn(target, 'body')) observeOwn(target, branch)
  else Object.setPrototypeOf(target, observedPrototype(Object.getPrototypeOf(target) as object))
  expectReading(branch, target)
  return response
}

/** Stand-ins for responses, as tests make them, have methods of their own. */
function observeOwn(target: Observed, branch: Branch): void {
  const own = target as unknown as Record<string, unknown>
  const wholes = { json: readJson, text: readText, arrayBuffer: readBytes, bytes: readBytes, blob: readBlob }
  for (const [name, read] of Object.entries(wholes)) {
    const method = own[name]
    if (typeof method !== 'function') continue
    Object.defineProperty(target, name, {
      configurable: true,
      writable: true,
      enumerable: Object.hasOwn(own, name),
      value: read(name, method as Method),
    })
  }
  if (typeof own.body === 'object' && own.body !== null) {
    observeStream(own.body, branch)
  }
}

const EVENT_STREAM = 'text/event-stream'

/** A client that asked for no stream reads the answer as a whole, whatever it says of itself: reading headers costs as much as much of the rest. */
function isStreamed(response: Response, { call, request }: Exchange): boolean {
  if (call.isKnownWhole) return false
  const type = response.headers?.get?.('content-type') ?? ''
  return type.startsWith(EVENT_STREAM) || (request.stream && !type.includes('json'))
}

/** Observes the answer of an exchange. One that has no body ends the exchange. */
export function observeResponse(response: Response, exchange: Exchange): Response {
  const branch = new Branch(exchange, isStreamed(response, exchange))
  if (response.status === 204) branch.end('whole')
  else observe(response, branch)
  return response
}
