/**
 * Finds what killed harnesses left behind (processes, data, registers) and ends it. Runs whose harness lives are left
 * alone, and so is every process that merely has the number of one of ours.
 */
import { type Ended, endRun, readLive } from './live-register.ts';
import { isAlive } from './process-table.ts';

export interface Cleaned {
  /** What was ended, by run. */
  readonly ended: readonly (Ended & { readonly cluster: string })[];
  /** Runs under way, left alone. */
  readonly underWay: readonly { readonly cluster: string; readonly harnessPid: number }[];
  /** Files in the register that no faultline wrote, left alone. */
  readonly unreadable: readonly { readonly path: string; readonly why: string }[];
}

export function clean(liveDirectory: string): Cleaned {
  const ended: (Ended & { readonly cluster: string })[] = [];
  const underWay: { readonly cluster: string; readonly harnessPid: number }[] = [];
  const unreadable: { readonly path: string; readonly why: string }[] = [];
  for (const file of readLive(liveDirectory)) {
    if (file.kind === 'unreadable') unreadable.push({ path: file.path, why: file.why });
    else if (isAlive(file.run.harness)) underWay.push({ cluster: file.run.cluster, harnessPid: file.run.harness.pid });
    else ended.push({ cluster: file.run.cluster, ...endRun(file.path, file.run) });
  }
  return { ended, underWay, unreadable };
}

/** One line per finding, for the terminal. */
export function tellCleaned({ ended, underWay, unreadable }: Cleaned): string[] {
  const lines = [
    ...ended.map(({ cluster, processes, dataDirectory }) => {
      const names = processes.map(({ name, pid }) => `${name} (${pid})`).join(', ');
      const data = dataDirectory === undefined ? '' : `; removed ${dataDirectory}`;
      return `run ${cluster}: ${names === '' ? 'no process was left' : `ended ${names}`}${data}`;
    }),
    ...underWay.map(({ cluster, harnessPid }) => `run ${cluster} is under way (process ${harnessPid}): left alone`),
    ...unreadable.map(({ path, why }) => `${path} is no register of a run: left alone (${why})`),
  ];
  return lines.length > 0 ? lines : ['nothing to clean'];
}
