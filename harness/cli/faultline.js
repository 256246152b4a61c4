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
  if (process.channel) {
    process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
    process.channel.unref();
  }
  module.enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/faultline/compile', import.meta.url)));
  await import(main);
} else if (!existsSync(pinned)) {
  process.stderr.write(`faultline needs Node 24 (this is ${process.version}): run npm ci in its directory first\n`);
  process.exitCode = 3;
} else {
  // The channel is there to break: should this process be killed, the other one ends in good order.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 3 : 128);
  });
}
