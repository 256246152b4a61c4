import { createRunDirectory, markLatest, writeRunRecord, writeVerdictRecord } from '../../harness/store/layout.ts';
import { openRunIndex } from '../../harness/store/run-index.ts';
import { sampleRun, sampleVerdict } from './sample-run.ts';

/** A process of its own for the test of concurrent writers: `index-writer.ts STORE RUNS`. All its runs share one name. */
const [store = '', runs = '0'] = process.argv.slice(2);
const run = sampleRun();
for (let i = 0; i < Number(runs); i++) {
  const directory = await createRunDirectory(store, { ...run, startedAt: new Date(run.startedAt) });
  await writeRunRecord(directory, run);
  await writeVerdictRecord(directory, sampleVerdict());
  await markLatest(store, directory);
  using index = await openRunIndex(store);
  index.record(directory, run, sampleVerdict());
}
