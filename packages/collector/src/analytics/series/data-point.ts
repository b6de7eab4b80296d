export interface DataPoint {
  /** Milliseconds since the epoch. */
  timestamp: number
  /** null where an empty bucket has no value: what TS.RANGE EMPTY answers as NaN, which JSON does not have. */
  value: number | null
}

/** A stored value: a number, or the counters of a sketch. */
export interface Item<Value> {
  /** Start of the stored bucket, or the slot of the sample; milliseconds since the epoch. */
  timestamp: number
  value: Value
}

export type Sample = Item<number>
