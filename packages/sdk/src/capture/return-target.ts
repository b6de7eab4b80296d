/**
 * A constructor that returns its argument: a subclass puts its private fields on an object that is there already. Nobody can see them, they
 * cost a fortieth of a hidden property, and the object keeps their values alive, not the other way round.
 */
export class ReturnTarget {
  constructor(target: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is what the class is for.
    return target
  }
}
