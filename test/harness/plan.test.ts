import { describe, expect, test } from 'vitest';
import { defaultCampaign, expand, parseCampaign } from '../../harness/campaign-file.ts';
import { exitCodes, gravest } from '../../harness/exit-codes.ts';
import { UsageError } from '../../harness/failures.ts';
import { commandOf, plan, type RunRequest } from '../../harness/plan.ts';
import { concurrency, durationMs, sizeBytes } from '../../harness/units.ts';

const request: RunRequest = {
  system: 'raft-kv',
  workload: 'register',
  nemesis: 'partition,kill',
  environment: 'local',
  nodes: 5,
  concurrency: '2n',
  rate: 500,
  timeLimit: '20s',
  seed: 7,
  bugs: [],
  options: {},
};

describe('a plan', () => {
  test('knows its names and numbers', () => {
    expect(plan(request)).toMatchObject({
      nodes: ['n1', 'n2', 'n3', 'n4', 'n5'],
      concurrency: 10,
      timeLimitMs: 20_000,
      seed: 7,
    });
  });

  test('is repeated by its command', () => {
    const given = { ...request, options: { reads: 'lease' }, bugs: ['lease-wall-clock'] };
    expect(commandOf(plan(given)).join(' ')).toBe(
      'npx faultline run --system raft-kv --workload register --nemesis partition,kill --environment local --nodes 5 ' +
        '--concurrency 2n --rate 500 --time-limit 20s --seed 7 --bug lease-wall-clock --option reads=lease',
    );
  });

  test('a planted bug brings the options without which it cannot show', () => {
    expect(plan({ ...request, bugs: ['lease-wall-clock'] }).options).toEqual({ reads: 'lease' });
  });

  test.each<[Partial<RunRequest>, RegExp]>([
    [{ system: 'raftkv' }, /unknown system 'raftkv': did you mean 'raft-kv'/],
    [{ workload: 'registre' }, /unknown workload 'registre': did you mean 'register'/],
    [{ nemesis: 'partiton' }, /unknown fault 'partiton': did you mean 'partition'/],
    [{ nemesis: 'kill,pauze' }, /unknown fault 'pauze': did you mean 'pause'/],
    [{ nemesis: 'kill:everybody' }, /no variant "everybody"/],
    [{ nemesis: '' }, /--nemesis/],
    [{ nemesis: 'client-pause' }, /clients of workload 'register' are not processes; those of fenced-lock are/],
    [{ environment: 'locall' }, /unknown environment 'locall': did you mean 'local'/],
    [{ environment: 'docker' }, /'docker' is not in this version/],
    [{ nodes: 0 }, /--nodes: 0 must be a whole number from 1 to 9/],
    [{ nodes: 2.5 }, /--nodes: 2.5/],
    [{ seed: -1 }, /--seed: -1/],
    [{ rate: 0 }, /--rate: '0' must be more than 0/],
    [{ concurrency: '0' }, /--concurrency: '0'/],
    [{ concurrency: 'many' }, /--concurrency: 'many'.*2n for two per node/],
    [{ timeLimit: 'soon' }, /--time-limit: 'soon' is no duration; write it like 250ms, 20s or 1m30s/],
    [{ bugs: ['stale-folower-read'] }, /unknown bug 'stale-folower-read': did you mean 'stale-follower-read'/],
    [{ options: { read: 'lease' } }, /unknown option of system 'raft-kv' 'read': did you mean 'reads'/],
    [{ options: { reads: 'leese' } }, /unknown value of option 'reads' 'leese': did you mean 'lease'/],
  ])('%o is refused in one line that says what would be right', (wrong, message) => {
    const attempt = () => plan({ ...request, ...wrong });
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(message);
    expect(() => attempt()).not.toThrow(/\n/);
  });
});

describe('a campaign', () => {
  test('the default one is every workload of raft-kv with every kind of fault', () => {
    const plans = expand(defaultCampaign, 100);
    const cells = new Set(plans.map(({ workload, nemesis }) => `${workload.name} ${nemesis}`));
    expect(cells.size).toBe(5 * 6);
    expect(new Set(plans.map(({ seed }) => seed)).size).toBe(30);
  });

  test('a file says what it changes; the command line outranks it', () => {
    const matrix = parseCampaign(
      'workloads: [register, set]\nnemeses: kill\nseed: 5\nrepeat: 2\ntime-limit: 3s\n',
      'c.yaml',
    );
    const plans = expand(matrix, 1);
    expect(plans.map(({ workload, seed }) => `${workload.name} ${seed}`)).toEqual([
      'register 5',
      'set 6',
      'register 7',
      'set 8',
    ]);
    expect(expand(matrix, 1, { seed: 50 })[0]!.seed).toBe(50);
  });

  test.each([
    ['workloads: [register\n', /c\.yaml:\d+: not YAML/],
    ['nodes: 5\nworkload: register\n', /c\.yaml:2: field 'workload': .*known: .*workloads/],
    ['nodes: five\n', /c\.yaml:1: field 'nodes': .*expected number/],
    ['seed: 1\njobs: 0\n', /c\.yaml:2: field 'jobs'/],
    ['- register\n', /c\.yaml:1/],
    ['- seed: 1\n- nodes: 3\n  jbos: 2\n', /c\.yaml:3: field '1\.jbos'/],
    ['seed: 1\noptions:\n  reads: [a]\n', /c\.yaml:3: field 'options\.reads'/],
  ])('%j names line and field', (source, message) => {
    expect(() => parseCampaign(source, 'c.yaml')).toThrow(UsageError);
    expect(() => parseCampaign(source, 'c.yaml')).toThrow(message);
  });

  test('what the file names must exist', () => {
    expect(() => expand(parseCampaign('nemeses: [partition, kil]', 'c.yaml'), 1)).toThrow(
      /unknown fault 'kil': did you mean 'kill'/,
    );
  });
});

describe('units', () => {
  test.each([
    ['250ms', 250],
    ['20s', 20_000],
    ['1m30s', 90_000],
    ['1.5m', 90_000],
    ['2', 2000],
    ['1h', 3_600_000],
  ])('%s', (text, ms) => expect(durationMs(text, 'x')).toBe(ms));

  test.each([
    ['200M', 200 * 2 ** 20],
    ['4G', 4 * 2 ** 30],
    ['1.5GiB', 1.5 * 2 ** 30],
    ['4096', 4096],
  ])('%s', (text, bytes) => expect(sizeBytes(text, 'x')).toBe(bytes));

  test.each([
    ['10', 10],
    ['2n', 10],
  ])('%s clients on five nodes', (text, count) => expect(concurrency(text, 5, 'x')).toBe(count));

  test.each(['', '-1s', 'x', '0s', '5 parsecs'])('%j is no duration', (text) => {
    expect(() => durationMs(text, '--time-limit')).toThrow(UsageError);
  });
});

test('exit codes: the gravest of many, and undecided is never 0', () => {
  expect(exitCodes).toEqual({ pass: 0, violation: 1, undecided: 2, error: 3, usage: 64 });
  expect(gravest(['pass', 'undecided', 'error', 'violation'])).toBe('violation');
  expect(gravest(['pass', 'undecided', 'error'])).toBe('error');
  expect(gravest(['pass', 'undecided'])).toBe('undecided');
  expect(gravest([])).toBe('pass');
});
