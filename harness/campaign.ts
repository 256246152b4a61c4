import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { argumentsOf, type RunPlan } from './plan.ts';
import type { RunSummary } from './run-summary.ts';

export interface CampaignOptions {
  readonly store: string;
  /** Runs at the same time; each is a process of its own with a cluster of its own. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly onStart: (plan: RunPlan) => void;
  readonly onEnd: (ended: EndedRun) => void;
}

/** A run that came to an end, with what it said of itself, or with what it died of. */
export interface EndedRun {
  readonly plan: RunPlan;
  readonly wallMs: number;
  readonly result:
    | { readonly kind: 'summary'; readonly summary: RunSummary }
    | { readonly kind: 'error'; readonly why: string };
}

const launcher = fileURLToPath(new URL('./cli/faultline.js', import.meta.url));

/**
 * Carries out many runs, `jobs` at a time, in order of start. Each is a process: one that dies takes nothing with it, and
 * its event loop, on which its history's times depend, is its own. A run ends with the campaign, also when the campaign
 * is killed: it holds the other end of the run's standard input.
 */
export async function campaign(plans: readonly RunPlan[], options: CampaignOptions): Promise<EndedRun[]> {
  const ended: EndedRun[] = [];
  const waiting = [...plans];
  const work = async (): Promise<void> => {
    for (let plan = waiting.shift(); plan !== undefined && !options.signal.aborted; plan = waiting.shift()) {
      options.onStart(plan);
      const run = await runInProcess(plan, options);
      ended.push(run);
      options.onEnd(run);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, plans.length) }, work));
  return ended;
}

async function runInProcess(plan: RunPlan, { store, signal }: CampaignOptions): Promise<EndedRun> {
  const child = execa(
    process.execPath,
    [launcher, ...argumentsOf(plan), '--store', store, '--json', '--end-with-stdin'],
    {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
      reject: false,
      // Ctrl-C reaches the whole process group of a terminal; anything else ends the run through its standard input.
      cleanup: true,
    },
  );
  const stop = () => child.stdin.end();
  signal.addEventListener('abort', stop, { once: true });
  const { stdout, stderr, exitCode, durationMs } = await child;
  signal.removeEventListener('abort', stop);
  return { plan, wallMs: durationMs, result: resultOf(stdout, stderr, exitCode) };
}

function resultOf(stdout: string, stderr: string, exitCode: number | undefined): EndedRun['result'] {
  try {
    return { kind: 'summary', summary: JSON.parse(stdout) as RunSummary };
  } catch {
    const last = stderr.trim().split('\n').at(-1) ?? '';
    return { kind: 'error', why: last === '' ? `the run ended with exit code ${exitCode} and said nothing` : last };
  }
}
