import { canonical, isList } from '../history/values.ts';
import {
  illegal,
  legal,
  type Model,
  operation,
  type Recorded,
  refused,
  type Understanding,
  unreachable,
} from './model.ts';

/** Canonical texts in ascending order, each once. */
type Elements = readonly string[];
type SetInput = { readonly kind: 'read' } | { readonly kind: 'add'; readonly element: string };

/** What a read returned: its elements, and whether one came twice, which no set does. */
interface SetRead {
  readonly elements: Elements;
  readonly twice: string | undefined;
}

/**
 * A set that only grows. `add` (value: the element), `read` (ok value: a list of all elements, in any order).
 *
 * A read sees all elements at one moment, so the history must not be split by element: each element's story could be
 * in order while no single moment explains the whole list. Steps cost time in the size of the set.
 */
export const set: Model<Elements, SetInput, SetRead> = {
  name: 'set',
  summary: 'add of an element, read of the whole set as a list; one set per key',
  partition: 'key',
  timed: false,
  initial: [],
  startingFrom: (value) =>
    isList(value)
      ? { kind: 'state', state: [...new Set(value.map(canonical))].sort() }
      : refused('a set starts from a list of elements'),
  understand(recorded) {
    switch (recorded.f) {
      case 'add':
        if (recorded.input === undefined) return refused('an add must carry the element as its value');
        return operation({ kind: 'add', element: canonical(recorded.input) }, undefined);
      case 'read':
        return understandSetRead(recorded);
      default:
        return refused('the model set knows add and read');
    }
  },
  step(held, input, seen) {
    switch (input.kind) {
      case 'add':
        return legal(including(held, input.element));
      case 'read':
        if (seen === undefined || (seen.twice === undefined && sameElements(held, seen.elements))) return legal(held);
        return illegal(() => difference(held, seen));
      default:
        return unreachable(input);
    }
  },
  key: (held) => held.join('\n'), // canonical JSON holds no line break
  show: (held) =>
    held.length > 20 ? `{${held.slice(0, 20).join(', ')}, … ${held.length} elements}` : `{${held.join(', ')}}`,
  observes: (input) => input.kind === 'read',
  growth: {
    grows: (input) => input.kind === 'add',
    mayBecome: (held, _input, seen) =>
      seen === undefined || (seen.twice === undefined && isSubset(held, seen.elements)),
  },
};

function understandSetRead({ outcome, output }: Recorded): Understanding<SetInput, SetRead> {
  if (outcome !== 'ok') return operation({ kind: 'read' }, undefined);
  if (!isList(output)) return refused('an ok read of a set must carry the list of its elements');
  const all = output.map(canonical).sort();
  const twice = all.find((element, i) => element === all[i - 1]);
  return operation({ kind: 'read' }, { elements: all, twice });
}

function including(held: Elements, element: string): Elements {
  let low = 0;
  let high = held.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (held[middle]! < element) low = middle + 1;
    else high = middle;
  }
  return held[low] === element ? held : held.toSpliced(low, 0, element);
}

/** Both in ascending order. */
function isSubset(part: Elements, whole: Elements): boolean {
  let at = 0;
  for (const element of part) {
    while (at < whole.length && whole[at]! < element) at++;
    if (whole[at] !== element) return false;
  }
  return true;
}

function sameElements(a: Elements, b: Elements): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function difference(held: Elements, seen: SetRead): string {
  if (seen.twice !== undefined) return `it read the element ${seen.twice} twice`;
  const missing = held.find((element) => !seen.elements.includes(element));
  if (missing !== undefined) return `it read a set without ${missing}, which was in it`;
  const extra = seen.elements.find((element) => !held.includes(element));
  return `it read a set with ${extra}, which was not in it`;
}
