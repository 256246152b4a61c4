/**
 * `npm run bench [NAME…]`: every benchmark, one after another, each in a process of its own. They print figures and
 * assert nothing about time.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const benches: ReadonlyMap<string, string> = new Map([
  ['recording', 'recording.ts'],
  ['service', 'service.ts'],
  ['raft', 'raft.ts'],
  ['checkers', 'checkers/main.ts'],
  ['follow', 'checkers/follow.ts'],
]);
/** It takes ten minutes. */
const onlyWhenNamed = 'follow';
const wanted = process.argv.slice(2).filter((word) => word !== 'small');
const small = process.argv.includes('small') ? ['small'] : [];

for (const name of wanted.length > 0 ? wanted : [...benches.keys()].filter((name) => name !== onlyWhenNamed)) {
  const script = benches.get(name);
  if (script === undefined)
    throw new Error(`there is no benchmark '${name}': there are ${[...benches.keys()].join(', ')}`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, script), ...small], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
