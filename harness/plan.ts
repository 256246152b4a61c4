import { nemesisNames, parseNemesis } from '../nemesis/nemeses.ts';
import { systems } from '../system-under-test/catalogue.ts';
import type { System } from '../system-under-test/system.ts';
import { UsageError, unknownName } from './failures.ts';
import { concurrency, durationMs } from './units.ts';
import { workloads } from './workloads/catalogue.ts';
import type { Workload } from './workloads/workload.ts';

/** What the user wrote, before anything is looked up; the options of `faultline run` and the fields of a campaign file. */
export interface RunRequest {
  readonly system: string;
  readonly workload: string;
  readonly nemesis: string;
  readonly environment: string;
  readonly nodes: number;
  readonly concurrency: string;
  readonly rate: number;
  readonly timeLimit: string;
  readonly seed: number;
  readonly bugs: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

/** A run that can be carried out: every name is known and every number makes sense. */
export interface RunPlan {
  readonly request: RunRequest;
  readonly system: System;
  readonly workload: Workload;
  /** As written; `all` means what turns out to be possible on the running cluster. */
  readonly nemesis: string;
  readonly environment: string;
  readonly nodes: readonly string[];
  readonly concurrency: number;
  /** Operations per second over all clients. */
  readonly rate: number;
  /** How long the load lasts, milliseconds. */
  readonly timeLimitMs: number;
  readonly seed: number;
  readonly bugs: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

export const environments = ['local', 'simulated'] as const;
const laterEnvironments = ['docker', 'external'];
const nodesMax = 9;

export const defaults = {
  system: 'raft-kv',
  nemesis: 'none',
  environment: 'local',
  nodes: 5,
  concurrency: '2n',
  rate: 500,
  timeLimit: '20s',
} as const;

/** @throws UsageError that says which part is wrong and what would be right; nothing has been started then. */
export function plan(request: RunRequest): RunPlan {
  const system = systems[request.system] ?? fail(unknownName('system', request.system, Object.keys(systems)));
  const workload =
    workloads.find(({ name }) => name === request.workload) ??
    fail(
      unknownName(
        'workload',
        request.workload,
        workloads.map(({ name }) => name),
      ),
    );
  for (const f of workload.operations) {
    if (!system.operations.includes(f))
      throw new UsageError(`system '${system.name}' offers no '${f}', which workload '${workload.name}' needs`);
  }
  checkNemesis(request.nemesis, workload);
  checkEnvironment(request.environment);
  const nodes = wholeNumber(request.nodes, '--nodes', 1, nodesMax);
  const seed = wholeNumber(request.seed, '--seed', 0, Number.MAX_SAFE_INTEGER);
  if (!(request.rate > 0 && Number.isFinite(request.rate)))
    throw new UsageError(`--rate: '${request.rate}' must be more than 0`);
  const bugs = [...new Set(request.bugs)];
  const asked = concurrency(request.concurrency, nodes, '--concurrency');
  return {
    request,
    system,
    workload,
    nemesis: request.nemesis,
    environment: request.environment,
    nodes: Array.from({ length: nodes }, (_, i) => `n${i + 1}`),
    concurrency: Math.min(asked, workload.concurrencyMax ?? asked),
    rate: request.rate,
    timeLimitMs: durationMs(request.timeLimit, '--time-limit'),
    seed,
    bugs,
    options: optionsOf(system, request.options, bugs),
  };
}

function checkNemesis(text: string, workload: Workload): void {
  const nemesis = parseNemesis(text);
  if (nemesis.kind === 'unknown') {
    const stranger = text
      .split(',')
      .map((name) => name.trim().split(':')[0]!)
      .find((kind) => !nemesisNames.includes(kind));
    if (stranger === undefined || stranger === '') throw new UsageError(`--nemesis: ${nemesis.why}`);
    throw unknownName('fault', stranger, nemesisNames);
  }
  const pauses = nemesis.kind === 'faults' && nemesis.faults.some(({ name }) => name === 'client-pause');
  if (pauses && workload.clients !== 'processes') {
    const others = workloads.filter(({ clients }) => clients === 'processes').map(({ name }) => name);
    throw new UsageError(
      `--nemesis client-pause: the clients of workload '${workload.name}' are not processes; those of ${others.join(', ')} are`,
    );
  }
}

function checkEnvironment(name: string): void {
  if ((environments as readonly string[]).includes(name)) return;
  if (laterEnvironments.includes(name))
    throw new UsageError(`environment '${name}' is not in this version; use ${environments.join(', ')}`);
  throw unknownName('environment', name, environments);
}

function optionsOf(
  system: System,
  given: Readonly<Record<string, string>>,
  bugs: readonly string[],
): Record<string, string> {
  const options: Record<string, string> = {};
  for (const bug of bugs) {
    const planted =
      system.bugs.find(({ name }) => name === bug) ??
      fail(
        unknownName(
          'bug',
          bug,
          system.bugs.map(({ name }) => name),
        ),
      );
    Object.assign(options, planted.options);
  }
  for (const [name, value] of Object.entries(given)) {
    const declared =
      system.options[name] ?? fail(unknownName(`option of system '${system.name}'`, name, Object.keys(system.options)));
    if (declared.values !== undefined && !declared.values.includes(value))
      throw unknownName(`value of option '${name}'`, value, declared.values);
    if (declared.values === undefined && !/^[1-9]\d*$/.test(value))
      throw new UsageError(`--option ${name}: '${value}' must be a whole number of at least 1`);
    options[name] = value;
  }
  return options;
}

function wholeNumber(value: number, what: string, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`${what}: ${value} must be a whole number from ${least} to ${most}`);
}

function fail(error: UsageError): never {
  throw error;
}

/** What to type to repeat this run. */
export const commandOf = (plan: RunPlan): string[] => ['npx', 'faultline', ...argumentsOf(plan)];

/** The arguments of `faultline` that repeat this run. */
export function argumentsOf(plan: RunPlan): string[] {
  const { request } = plan;
  return [
    'run',
    ...['--system', request.system, '--workload', request.workload, '--nemesis', request.nemesis],
    ...['--environment', request.environment, '--nodes', String(request.nodes), '--concurrency', request.concurrency],
    ...['--rate', String(request.rate), '--time-limit', request.timeLimit, '--seed', String(plan.seed)],
    ...plan.bugs.flatMap((bug) => ['--bug', bug]),
    ...Object.entries(request.options).flatMap(([name, value]) => ['--option', `${name}=${value}`]),
  ];
}
