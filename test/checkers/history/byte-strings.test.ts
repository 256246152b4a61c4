import { expect, test } from 'vitest';
import { ByteStrings } from '../../../checkers/history/byte-strings.ts';
import { Random } from '../linearizability/random.ts';

test('texts are told apart by their bytes, whatever their hashes are', () => {
  const random = new Random(1);
  const strings = new ByteStrings();
  const order: string[] = [];
  for (let i = 0; i < 3000; i++) {
    const text = String(random.below(10 ** random.below(4)));
    const bytes = new TextEncoder().encode(`..${text}..`);
    if (!order.includes(text)) order.push(text);
    const id = strings.intern(bytes, 2, 2 + text.length, text.length);
    expect(id).toBe(order.indexOf(text));
    expect(strings.text(id)).toBe(text);
  }
});
