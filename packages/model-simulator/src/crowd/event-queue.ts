/** A binary heap of what is to happen, the earliest first; what was added first among equals. */
export class EventQueue<T> {
  #heap: { at: number; order: number; value: T }[] = []
  #added = 0

  get nextAt(): number | undefined {
    return this.#heap[0]?.at
  }

  push(at: number, value: T): void {
    const heap = this.#heap
    const entry = { at, order: this.#added++, value }
    let index = heap.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent] as typeof entry
      if (!isBefore(entry, above)) break
      heap[index] = above
      index = parent
    }
    heap[index] = entry
  }

  pop(): T | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first?.value
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as typeof last, heap[child] as typeof last)) child++
      if (!isBefore(heap[child] as typeof last, last)) break
      heap[index] = heap[child] as typeof last
      index = child
    }
    heap[index] = last
    return first.value
  }
}

function isBefore(one: { at: number; order: number }, other: { at: number; order: number }): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}
