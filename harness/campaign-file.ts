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

const workloadsOfCampaign = ['register', 'set', 'counter', 'lock', 'fenced-lock'];
const short: Matrix = { systems: ['raft-kv'], nodes: 5, concurrency: '2n', rate: 120, jobs: 3 };

/**
 * What `npm run campaign` does: short runs, several at a time, on any machine with two cores. All faults together need
 * longer, since each first acts alone; those runs are spread, as they are also the heaviest.
 */
export const defaultCampaign: readonly Matrix[] = workloadsOfCampaign.flatMap((workload) => [
  { ...short, workloads: [workload], nemeses: ['all'], 'time-limit': '24s' },
  { ...short, workloads: [workload], nemeses: ['none', 'partition', 'kill', 'pause', 'clock'], 'time-limit': '7s' },
]);

export interface Overrides {
  readonly environment?: string | undefined;
  readonly seed?: number | undefined;
}

/** Every run of the matrices, checked. Seeds count up from `seed`, or anew from the one a matrix names. */
export function expand(campaign: readonly Matrix[], seed: number, overrides: Overrides = {}): RunPlan[] {
  let next = overrides.seed ?? seed;
  return campaign.flatMap((given) => {
    next = overrides.seed === undefined ? (given.seed ?? next) : next;
    return requestsOf(given, overrides.environment).map((request) => plan({ ...request, seed: next++ }));
  });
}

function requestsOf(given: Matrix, environment: string | undefined): Omit<RunRequest, 'seed'>[] {
  const common = {
    environment: environment ?? given.environment ?? defaults.environment,
    nodes: given.nodes ?? defaults.nodes,
    concurrency: given.concurrency ?? defaults.concurrency,
    rate: given.rate ?? defaults.rate,
    timeLimit: given['time-limit'] ?? defaults.timeLimit,
    bugs: given.bugs ?? [],
    options: given.options ?? {},
  };
  const cells = (given.systems ?? [defaults.system]).flatMap((system) =>
    (given.workloads ?? workloadsOfCampaign).flatMap((workload) =>
      (given.nemeses ?? ['none', 'partition', 'kill', 'pause', 'clock', 'all']).map((nemesis) => ({
        system,
        workload,
        nemesis,
        ...common,
      })),
    ),
  );
  return Array.from({ length: given.repeat ?? 1 }, () => cells).flat();
}

/** @throws UsageError naming file, line and field. */
export function readCampaignFile(path: string): readonly Matrix[] {
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`campaign file ${path}: ${(error as Error).message}`);
  }
  return parseCampaign(source, path);
}

/** One matrix, or a list of them. */
export function parseCampaign(source: string, path: string): readonly Matrix[] {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw new UsageError(`${path}:${lines.linePos(broken.pos[0]).line}: not YAML: ${broken.message.split('\n')[0]}`);
  }
  const content: unknown = document.toJS() ?? {};
  const parsed = Array.isArray(content) ? z.array(matrix).min(1).safeParse(content) : matrix.safeParse(content);
  if (parsed.success) return Array.isArray(parsed.data) ? parsed.data : [parsed.data];
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
