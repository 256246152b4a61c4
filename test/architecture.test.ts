import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

/** The arrows of DESIGN section 3, and the doors through which time, chance and the outside world come in. */
const root = join(import.meta.dirname, '..');
const folders = ['checkers', 'nemesis', 'system-under-test', 'harness'] as const;
type Folder = (typeof folders)[number];

const mayImport: Record<Folder, readonly Folder[]> = {
  checkers: ['checkers'],
  nemesis: ['nemesis'],
  'system-under-test': ['system-under-test'],
  harness: folders,
};

/** Packages that only these files may import: the edges that talk to processes and engines. */
const packageDoors: Record<string, RegExp> = {
  execa: /^harness\/(environments\/local\/|campaign\.ts$|cli\/(report|doctor)\.ts$)/,
  dockerode: /^harness\/environments\/docker\//,
};

/** Where real time, chance, files and sockets may be touched. Everything else gets them handed in. */
const doors: readonly RegExp[] = [
  /^system-under-test\/world\//,
  /^system-under-test\/service\/(main|http)\.ts$/,
  // A check that does not block and keeps to limits of the process needs its clock, its gauges and its threads. The
  // deciding itself, everywhere else in checkers, has them handed in.
  /^checkers\/parallel\//,
  /^harness\/(cli|store|report|environments|follow|simulate)\//,
  /^harness\/client\/(http-transport|client-process)\.ts$/,
  /^harness\/(history-file|campaign|campaign-file|machine)\.ts$/,
];

const banned: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'Date.now', pattern: /\bDate\.now\b/ },
  { what: 'new Date()', pattern: /\bnew Date\(\)/ },
  { what: 'Math.random', pattern: /\bMath\.random\b/ },
  { what: 'performance', pattern: /\bperformance\.(now|timeOrigin)\b/ },
  { what: 'hrtime', pattern: /\bhrtime\b/ },
  { what: 'a timer', pattern: /\b(setTimeout|setInterval|setImmediate)\b/ },
  { what: 'fetch', pattern: /(?<![.\w])fetch\(/ },
  {
    what: 'a module of the outside world',
    pattern:
      /from '(node:)?(fs|fs\/promises|net|http|https|dgram|dns|child_process|timers|timers\/promises|worker_threads|cluster|os|undici)'/,
  },
  { what: 'chance from crypto', pattern: /\b(randomBytes|randomUUID|randomInt|getRandomValues)\b/ },
];

const files = folders.flatMap((folder) => sources(folder));

describe('the architecture', () => {
  test('there are files to look at in every folder', () => {
    for (const folder of folders)
      expect(files.filter((file) => file.startsWith(`${folder}/`)).length).toBeGreaterThan(3);
  });

  test('imports follow the arrows between the folders', () => {
    expect(files.flatMap((file) => wrongArrows(file, read(file)))).toEqual([]);
  });

  test('packages of the edges are imported at the edges alone', () => {
    expect(files.flatMap((file) => wrongPackages(file, read(file)))).toEqual([]);
  });

  test('time, chance, files and sockets come through their doors alone', () => {
    expect(files.flatMap((file) => leaks(file, read(file)))).toEqual([]);
  });
});

describe('these tests can fail', () => {
  test('a checker that imports the harness is seen', () => {
    expect(wrongArrows('checkers/models/register.ts', "import { run } from '../../harness/run.ts';")).toHaveLength(1);
    expect(
      wrongArrows('nemesis/faults/kill.ts', "import type { System } from '../../system-under-test/system.ts';"),
    ).toHaveLength(1);
    expect(wrongArrows('harness/run.ts', "import { pass } from '../checkers/verdict.ts';")).toEqual([]);
  });

  test('execa in the wrong place is seen', () => {
    expect(wrongPackages('harness/run.ts', "import { execa } from 'execa';")).toHaveLength(1);
    expect(wrongPackages('harness/environments/local/node.ts', "import { execa } from 'execa';")).toEqual([]);
  });

  test.each([
    'const t = Date.now();',
    'const r = Math.random();',
    'setTimeout(run, 5);',
    "import { readFileSync } from 'node:fs';",
    'const t = performance.now();',
  ])('%s is seen in the core', (line) => {
    expect(leaks('system-under-test/raft/step.ts', line)).toHaveLength(1);
  });

  test('a comment that speaks of time is no leak', () => {
    expect(leaks('system-under-test/raft/step.ts', '// Date.now() would be wrong here\n/* Math.random */')).toEqual([]);
  });
});

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('harness/report/page/'));
}

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const imports = (source: string): string[] =>
  [...source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!);

function wrongArrows(file: string, source: string): string[] {
  const from = file.split('/')[0] as Folder;
  return imports(source)
    .filter((path) => path.startsWith('.'))
    .map((path) => relative(root, normalize(join(root, dirname(file), path))).replaceAll('\\', '/'))
    .filter((target) => folders.some((folder) => target.startsWith(`${folder}/`)))
    .filter((target) => !mayImport[from].includes(target.split('/')[0] as Folder))
    .map((target) => `${file} imports ${target}`);
}

function wrongPackages(file: string, source: string): string[] {
  return imports(source)
    .filter((name) => packageDoors[name] !== undefined && !packageDoors[name]!.test(file))
    .map((name) => `${file} imports ${name}`);
}

function leaks(file: string, source: string): string[] {
  if (doors.some((door) => door.test(file))) return [];
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|[^:])\/\/.*$/gm, '$1');
  return banned.filter(({ pattern }) => pattern.test(code)).map(({ what }) => `${file} uses ${what}`);
}
