/** What is to happen, in virtual time; equal times keep the order in which they were put down. */
export class Agenda {
  nowMs = 0;
  #written = 0;
  /** A binary heap by time, then by order of writing. */
  readonly #heap: { readonly atMs: number; readonly order: number; readonly run: () => void }[] = [];

  at(atMs: number, run: () => void): void {
    const heap = this.#heap;
    let place = heap.length;
    const item = { atMs: Math.max(atMs, this.nowMs), order: this.#written, run };
    this.#written += 1;
    heap.push(item);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!before(item, heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = item;
  }

  runUntil(endMs: number): void {
    while (this.#heap.length > 0 && this.#heap[0]!.atMs <= endMs) {
      const item = this.#heap[0]!;
      this.#removeFirst();
      this.nowMs = item.atMs;
      item.run();
    }
    this.nowMs = endMs;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const item = heap.pop()!;
    if (heap.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, item)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = item;
  }
}

interface Dated {
  readonly atMs: number;
  readonly order: number;
}

const before = (a: Dated, b: Dated): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
