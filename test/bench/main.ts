/**
 * `npm run bench [NAME…]`: every benchmark, one after another, each in a process of its own. They print figures and
 * assert nothing about time.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const benches = ['recording', 'service', 'raft', 'checkers'];
const chosen = process.argv.length > 2 ? process.argv.slice(2) : benches;

for (const name of chosen) {
  if (!benches.includes(name)) throw new Error(`there is no benchmark '${name}': there are ${benches.join(', ')}`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`)], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
