/** Values by key, made when they are first asked for; past `most` the one that was not asked for the longest is let go. */
export class BoundedMap<Value> {
  private readonly most: number
  private readonly make: (key: string) => Value
  private readonly values = new Map<string, Value>()

  constructor(most: number, make: (key: string) => Value) {
    this.most = most
    this.make = make
  }

  get size(): number {
    return this.values.size
  }

  get(key: string): Value {
    const held = this.values.get(key)
    const value = held ?? this.make(key)
    if (held !== undefined) this.values.delete(key)
    this.values.set(key, value)
    if (this.values.size > this.most) this.values.delete(this.values.keys().next().value as string)
    return value
  }
}
