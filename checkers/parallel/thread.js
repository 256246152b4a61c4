// The beginning of a worker thread: with the compiled code that the caller's thread keeps, it is there three times as
// soon. Plain JavaScript, since this must run before any TypeScript is loaded.
import module from 'node:module';
import { workerData } from 'node:worker_threads';

if (workerData.compileCache !== undefined) module.enableCompileCache(workerData.compileCache);
await import('./hand.ts');
