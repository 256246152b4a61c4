/** Why no order explains a part. Operations, and the values that they write, are named by their number in the part. */
export type Conflict =
  /** A read found, or an exchange that took effect started from, a value that nothing can have written. */
  | { readonly kind: 'unwritten'; readonly op: number }
  /** Two exchanges that took effect started from one value, which was written once. */
  | { readonly kind: 'twice'; readonly first: number; readonly second: number }
  /** An exchange that took effect started, perhaps by way of others, from its own value. */
  | { readonly kind: 'cycle'; readonly op: number }
  /** A read returned before the writer of its value was invoked. */
  | { readonly kind: 'early'; readonly op: number }
  /** Something of this value was over before something of a value was invoked that it was exchanged from. */
  | { readonly kind: 'chain'; readonly segment: number }
  /** Each of two blocks, named by what begins them, has to come before the other. */
  | { readonly kind: 'blocks'; readonly one: number; readonly other: number }
  /** A compare-and-set did not find its value, though it was there all the time. */
  | { readonly kind: 'denied'; readonly op: number }
  /** The same, and it was there still because nothing can have replaced it. */
  | { readonly kind: 'unreplaced'; readonly op: number };
