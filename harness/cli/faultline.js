#!/usr/bin/env node
// Runs the command line under the Node that the project pins, whichever Node the shell finds first: the sources are
// TypeScript that only this version takes as they are. Plain JavaScript, so that an old Node can read this much.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const pinned = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Stripping types and compiling again costs half of a short command.
  module.enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/faultline/compile', import.meta.url)));
  await import(main);
} else if (!existsSync(pinned)) {
  process.stderr.write(`faultline needs Node 24 (this is ${process.version}): run npm ci in its directory first\n`);
  process.exitCode = 3;
} else {
  const child = spawn(pinned, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 3 : 128);
  });
}
