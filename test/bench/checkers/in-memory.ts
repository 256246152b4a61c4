/** One workload, checked in a process of its own: prints the figures as one line of JSON. */
import { checkLinearizability } from '../../../checkers/linearizability/linearizability.ts';
import { models } from '../../../checkers/models/models.ts';
import { median } from '../print.ts';
import { generatedHistory, type Workload } from './generator.ts';

const warmRounds = 5;
const timeLimitMs = 30_000;

const workload = JSON.parse(process.argv[2]!) as Workload;
const searchOnly = process.argv[3] === 'search';
const history = generatedHistory(workload, 1);
const rssBefore = process.memoryUsage.rss();
const cold = check();
const warm = cold.ms < 5000 ? median(Array.from({ length: warmRounds }, () => check().ms)) : undefined;
console.log(JSON.stringify({ ...cold, warm, tablesMb: (process.resourceUsage().maxRSS * 1024 - rssBefore) / 2 ** 20 }));

function check() {
  const { verdict, perKey, stats } = checkLinearizability(models.get(workload.model)!, history, {
    ...(workload.initial === undefined ? {} : { initial: workload.initial }),
    now: () => performance.now(),
    timeLimitMs,
    searchOnly,
    explain: 0,
  });
  const procedures = [...new Set(perKey.map(({ procedure }) => procedure))].join(', ');
  return { verdict: verdict.kind, procedures, configurations: stats.configurations, ms: stats.ms! };
}
