import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryBeside } from '../store/atomic-file.ts';
import { withFileLock } from '../store/file-lock.ts';

/** The report page's code and style, each as one text without imports. */
export interface Bundle {
  readonly js: string;
  readonly css: string;
}

const here = import.meta.dirname;
const page = join(here, 'page');
const root = join(here, '..', '..');
const defaultCache = join(root, 'node_modules', '.cache', 'faultline', 'report');

/**
 * The bundle of the page as its sources are now: from the cache, which `npm ci` fills, or built on the spot. Sources
 * that changed have another digest and therefore another file, so that no report ever carries an old page.
 */
export async function loadBundle(cache = defaultCache): Promise<Bundle> {
  const file = join(cache, `${await sourceDigest()}.json`);
  if (!existsSync(file)) {
    await mkdir(cache, { recursive: true });
    await withFileLock(`${file}.lock`, async () => {
      if (!existsSync(file)) await store(cache, file, await build());
    });
  }
  return JSON.parse(await readFile(file, 'utf8')) as Bundle;
}

async function store(cache: string, file: string, bundle: Bundle): Promise<void> {
  const temporary = temporaryBeside(file);
  await writeFile(temporary, JSON.stringify(bundle));
  await rename(temporary, file);
  for (const name of await readdir(cache)) {
    // Bundles of older sources. Locks and half-written files are other processes' business.
    if (name.endsWith('.json') && join(cache, name) !== file) await rm(join(cache, name), { force: true });
  }
}

/** Over the page, what it shares with this side, and the versions of everything that goes into the bundle. */
async function sourceDigest(): Promise<string> {
  const digest = createHash('sha256');
  for (const folder of [page, join(here, 'data')]) {
    const names = (await readdir(folder, { recursive: true })).filter((name) => /\.(ts|tsx|css|json)$/.test(name));
    for (const name of names.sort()) digest.update(name).update(await readFile(join(folder, name)));
  }
  digest.update(await readFile(import.meta.filename));
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  for (const name of ['preact', 'uplot', 'vite']) digest.update(`${name}@${devDependencies[name]}`);
  return digest.digest('hex').slice(0, 16);
}

async function build(): Promise<Bundle> {
  const vite = await import('vite').catch((cause: unknown) => {
    throw new Error('the report page needs its bundler: run `npm ci` with development dependencies', { cause });
  });
  const result = await vite.build({
    root: page,
    configFile: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      target: 'es2023',
      lib: { entry: join(page, 'main.tsx'), formats: ['iife'], name: 'faultlineReport', cssFileName: 'page' },
    },
  });
  const outputs = [result].flat().flatMap((built) => ('output' in built ? built.output : []));
  const code = outputs.find((output) => output.type === 'chunk')?.code;
  const style = outputs.find((output) => output.type === 'asset' && output.fileName.endsWith('.css'));
  if (code === undefined || style?.type !== 'asset') throw new Error('vite built no script or no style for the report');
  return { js: code, css: String(style.source) };
}
