/** Something that is to happen at a virtual time. */
export interface Due {
  readonly atNs: number;
  /** Of those due at one time the one that was made first comes first. */
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** A binary heap of what is to happen, by time and then by order. O(log n) for each that comes and goes. */
export class EventQueue {
  readonly #heap: Due[] = [];

  push(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!before(due, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = due;
  }

  /** Takes the next one out; what was cancelled is passed over. */
  take(): Due | undefined {
    for (let first = this.#pop(); first !== undefined; first = this.#pop()) if (!first.cancelled) return first;
    return undefined;
  }

  #pop(): Due | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const before = (a: Due, b: Due): boolean => a.atNs < b.atNs || (a.atNs === b.atNs && a.order < b.order);
