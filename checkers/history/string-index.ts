import { ABSENT } from './absent.ts';

/** A map from strings to numbers that may pass the 2^24 entries of one `Map`. */
export class StringIndex {
  private readonly maps: Map<string, number>[] = [new Map()];

  get(text: string): number {
    for (const map of this.maps) {
      const id = map.get(text);
      if (id !== undefined) return id;
    }
    return ABSENT;
  }

  set(text: string, id: number): void {
    let last = this.maps[this.maps.length - 1]!;
    if (last.size >= 1 << 23) {
      last = new Map();
      this.maps.push(last);
    }
    last.set(text, id);
  }
}
