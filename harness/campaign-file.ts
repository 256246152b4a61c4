import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { UsageError } from './failures.ts';
import { defaults, plan, type RunPlan, type RunRequest } from './plan.ts';

const oneOrMore = z
  .union([z.string(), z.array(z.string()).min(1)])
  .transform((value) => (typeof value === 'string' ? [value] : value));
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** A matrix of runs: every system with every workload with every nemesis, `repeat` times with seeds from `seed` on. */
const matrix = z.strictObject({
  systems: oneOrMore.optional(),
  workloads: oneOrMore.optional(),
  nemeses: oneOrMore.optional(),
  environment: z.string().optional(),
  nodes: z.number().optional(),
  concurrency: scalar.optional(),
  rate: z.number().optional(),
  'time-limit': scalar.optional(),
  seed: z.number().optional(),
  repeat: z.number().int().min(1).max(10_000).optional(),
  jobs: z.number().int().min(1).max(64).optional(),
  bugs: oneOrMore.optional(),
  options: z.record(z.string(), scalar).optional(),
});

export type Matrix = z.output<typeof matrix>;

/** What `npm run campaign` does: short runs, several at a time, on any machine with two cores. */
export const defaultMatrix: Matrix = {
  systems: ['raft-kv'],
  workloads: ['register', 'set', 'counter', 'lock', 'fenced-lock'],
  nemeses: ['none', 'partition', 'kill', 'pause', 'clock', 'all'],
  nodes: 5,
  concurrency: '2n',
  rate: 150,
  'time-limit': '7s',
  jobs: 4,
};

export interface Overrides {
  readonly environment?: string | undefined;
  readonly seed?: number | undefined;
}

/** Every run of the matrix, checked; seeds count up from `seed` so that no two runs of a campaign are alike. */
export function expand(given: Matrix, seed: number, overrides: Overrides = {}): RunPlan[] {
  const requests: RunRequest[] = [];
  const first = overrides.seed ?? given.seed ?? seed;
  for (let round = 0; round < (given.repeat ?? 1); round++) {
    for (const system of given.systems ?? [defaults.system]) {
      for (const workload of given.workloads ?? defaultMatrix.workloads!) {
        for (const nemesis of given.nemeses ?? defaultMatrix.nemeses!) {
          requests.push({
            system,
            workload,
            nemesis,
            environment: overrides.environment ?? given.environment ?? defaults.environment,
            nodes: given.nodes ?? defaults.nodes,
            concurrency: given.concurrency ?? defaults.concurrency,
            rate: given.rate ?? defaults.rate,
            timeLimit: given['time-limit'] ?? defaults.timeLimit,
            seed: first + requests.length,
            bugs: given.bugs ?? [],
            options: given.options ?? {},
          });
        }
      }
    }
  }
  return requests.map(plan);
}

/** @throws UsageError naming file, line and field. */
export function readCampaignFile(path: string): Matrix {
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`campaign file ${path}: ${(error as Error).message}`);
  }
  return parseCampaign(source, path);
}

export function parseCampaign(source: string, path: string): Matrix {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw new UsageError(`${path}:${lines.linePos(broken.pos[0]).line}: not YAML: ${broken.message.split('\n')[0]}`);
  }
  const parsed = matrix.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const field = [...issue.path, ...(issue.code === 'unrecognized_keys' ? [issue.keys[0]!] : [])];
  const line = lineOf(field);
  const name = field.length === 0 ? 'the file' : `field '${field.join('.')}'`;
  const known = issue.code === 'unrecognized_keys' ? ` (known: ${Object.keys(matrix.shape).join(', ')})` : '';
  throw new UsageError(`${path}:${line}: ${name}: ${issue.message}${known}`);

  /** The line of the field, or of the nearest thing around it that stands in the file. */
  function lineOf(at: readonly PropertyKey[]): number {
    for (let length = at.length; length > 0; length--) {
      const parent = length === 1 ? document.contents : document.getIn(at.slice(0, length - 1), true);
      const pair = (parent as { items?: readonly { key?: unknown }[] } | null)?.items?.find(
        (item) => isNode(item.key) && String(item.key) === String(at[length - 1]),
      );
      const node = pair?.key ?? document.getIn(at.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  }
}
