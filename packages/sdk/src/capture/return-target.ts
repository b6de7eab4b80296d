/** A constructor that returns its argument lets the private fields of a subclass be put on that. */
export class ReturnTarget {
  constructor(target: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is what the class is for.
    return target
  }
}
