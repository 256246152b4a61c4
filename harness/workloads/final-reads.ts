import type { Value } from '../../checkers/history/operation.ts';
import { insist } from '../generator/combinators.ts';
import type { Generator } from '../generator/generator.ts';

/** Beyond this many keys, each node reads its share of them instead of all. */
const keysOnEveryNode = 20;

/** Every key is read on some node, the newest on every node, until it succeeds: what was acknowledged must still be there. */
export function finalReads(nodes: readonly string[], keys: readonly Value[]): Generator {
  const newest = keys.slice(-keysOnEveryNode);
  const older = keys.slice(0, -keysOnEveryNode);
  const reads = [
    ...older.map((key, i) => ({ f: 'read', key, node: nodes[i % nodes.length]! })),
    ...newest.flatMap((key) => nodes.map((node) => ({ f: 'read', key, node }))),
  ];
  return insist(reads, { attempts: 20, restMs: 100 });
}
