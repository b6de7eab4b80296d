/**
 * Observes the stream of a body: the real stream, whose readers and iterators tell us what passes. Per chunk one promise and one look at
 * the bytes; nothing is buffered, nothing read ahead.
 */
import type { Branch } from './branch.ts'
import { branchOf, findBranch, tieBranch } from './branch-tag.ts'
import { expectReading } from './unread-answers.ts'

type Observed = ReadableStream<Uint8Array>
type Result = { done: boolean; value?: unknown }
type Next = (view?: unknown) => Promise<Result>

const observedPrototypes = new WeakMap<object, object>()

/** Makes the stream tell the branch what is read from it, once. */
export function observeStream<Stream extends object>(stream: Stream, branch: Branch): Stream {
  if (findBranch(stream)) return stream
  tieBranch(stream, branch)
  Object.setPrototypeOf(stream, observedPrototype(Object.getPrototypeOf(stream) as object))
  branch.tookStream = true
  if (!branch.ended) expectReading(branch, stream)
  return stream
}

function observedPrototype(prototype: object): object {
  let observed = observedPrototypes.get(prototype)
  if (observed) return observed
  const candidates: Record<PropertyKey, unknown> = {
    ...methodsOver(prototype as ReadableStream),
    [Symbol.asyncIterator]: iteratorOver(prototype, Symbol.asyncIterator),
  }
  const methods: PropertyDescriptorMap = {}
  for (const name of Reflect.ownKeys(candidates)) {
    // A stream of another kind (Node's own) has its iterator only.
    if (name in prototype) methods[name] = { configurable: true, writable: true, value: candidates[name] }
  }
  observed = Object.create(prototype, methods) as object
  observedPrototypes.set(prototype, observed)
  return observed
}

/** `read()` or `next()` that lets the branch see, and change, what it gives. */
function observeNext(branch: Branch, next: Next): Next {
  const take = (result: Result): Result | Promise<Result> => {
    if (result.done) {
      const rest = branch.finish()
      return rest ? { done: false, value: rest } : result
    }
    const chunk = result.value
    if (chunk instanceof Uint8Array) {
      const seen = branch.feed(chunk)
      if (seen === chunk) return result
      if (!seen) return next().then(take, fail)
      result.value = seen
    } else if (typeof chunk === 'string') {
      const seen = branch.feed(Buffer.from(chunk))
      if (!seen) return next().then(take, fail)
      if (branch.hides) result.value = Buffer.from(seen).toString()
    }
    return result
  }
  const fail = (thrown: unknown): never => {
    branch.fail(thrown)
    throw thrown
  }
  // `read(view)` of a byte reader takes one, `read()` and `next()` take none.
  return (view) => (view === undefined ? next() : next(view)).then(take, fail)
}

/** Puts a method in the place of another: of an own one as it is seen, of an inherited one unseen. */
function replace<Name extends string>(target: { [name in Name]?: unknown }, name: Name, method: unknown): void {
  if (Object.hasOwn(target, name)) target[name] = method as (typeof target)[Name]
  else Object.defineProperty(target, name, { configurable: true, writable: true, value: method })
}

function iteratorOver(prototype: object, name: PropertyKey) {
  return function (this: Observed, ...args: unknown[]): AsyncIterator<unknown> {
    const branch = branchOf(this)
    const method = Reflect.get(prototype, name, this) as (...args: unknown[]) => AsyncIterator<unknown>
    const iterator = method.apply(this, args)
    const leave = iterator.return
    replace(iterator, 'next', observeNext(branch, iterator.next.bind(iterator) as Next))
    if (leave) {
      replace(iterator, 'return', (value?: unknown) => {
        branch.end('left')
        return leave.call(iterator, value)
      })
    }
    return iterator
  }
}

function methodsOver(prototype: ReadableStream) {
  return {
    getReader(this: Observed, options?: unknown) {
      const branch = branchOf(this)
      const reader = prototype.getReader.call(this, options as undefined) as ReadableStreamDefaultReader<Uint8Array>
      // The runtime reads whole bodies through this method, too.
      if (branch.readsWhole) return reader
      const { cancel } = reader
      replace(reader, 'read', observeNext(branch, reader.read.bind(reader) as Next))
      replace(reader, 'cancel', (reason?: unknown) => {
        branch.end('left')
        return cancel.call(reader, reason)
      })
      return reader
    },
    values: iteratorOver(prototype, 'values'),
    cancel(this: Observed, reason?: unknown) {
      branchOf(this).end('left')
      return prototype.cancel.call(this, reason)
    },
    tee(this: Observed) {
      const branch = branchOf(this)
      const [left, right] = prototype.tee.call(this)
      const first = branch.fork(false)
      const second = branch.fork(true)
      return [observeStream(left, first), observeStream(right, second)]
    },
    pipeTo(this: Observed, destination: WritableStream<Uint8Array>, options?: Parameters<ReadableStream['pipeTo']>[1]) {
      return prototype.pipeTo.call(pulled(this), destination, options)
    },
    pipeThrough(this: Observed, pair: ReadableWritablePair<unknown, Uint8Array>, options?: Parameters<ReadableStream['pipeTo']>[1]) {
      return prototype.pipeThrough.call(pulled(this), pair, options)
    },
  }
}

/** Pipes read by ways that cannot be observed: they get a stream that pulls from an observed reader, chunk by chunk. */
function pulled(stream: Observed): ReadableStream<Uint8Array> {
  const reader = stream.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
