import { ABSENT } from './absent.ts';

/** Interned strings of a small vocabulary. */
export class Names {
  private readonly ids = new Map<string, number>();
  private readonly texts: string[] = [];

  get size(): number {
    return this.texts.length;
  }

  get(id: number): string {
    const text = this.texts[id];
    if (text === undefined) throw new RangeError(`no name has the number ${id}; there are ${this.texts.length}`);
    return text;
  }

  /** The number of a name, or `ABSENT` if no operation carries it. */
  find(text: string): number {
    return this.ids.get(text) ?? ABSENT;
  }

  intern(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = this.texts.push(text) - 1;
    this.ids.set(text, id);
    return id;
  }
}
