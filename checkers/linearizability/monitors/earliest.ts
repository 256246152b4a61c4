/** Operations by return, the earliest first: a binary heap. */
export class EarliestFirst {
  private readonly ret: Int32Array;
  private readonly heap: number[] = [];

  constructor(ret: Int32Array) {
    this.ret = ret;
  }

  push(op: number): void {
    const { heap, ret } = this;
    let at = heap.push(op) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (ret[heap[parent]!]! <= ret[op]!) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = op;
  }

  /** Takes out the operation that returns first. */
  pop(): number | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length > 0) this.sink(last!);
    return first;
  }

  private sink(op: number): void {
    const { heap, ret } = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && ret[heap[child + 1]!]! < ret[heap[child]!]!) child++;
      if (ret[heap[child]!]! >= ret[op]!) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = op;
  }
}
