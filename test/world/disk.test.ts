import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { FileDisk } from '../../system-under-test/world/disk.ts';
import { DamagedLogError, encodeRecord, scanRecords } from '../../system-under-test/world/record.ts';
import { scratchDirectory } from './scratch.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const log = Buffer.concat(['first', '', 'a somewhat longer third record'].map((one) => encodeRecord(Buffer.from(one))));
const ends = [0, 13, 21, log.length];

describe('a torn tail (SYSTEMS 0.3)', () => {
  test('cut at every byte, the log keeps exactly its whole records and can be written on', async () => {
    const directory = scratchDirectory();
    for (let length = 0; length <= log.length; length++) {
      fs.writeFileSync(path.join(directory, 'log.log'), log.subarray(0, length));
      const disk = new FileDisk(directory);
      const whole = ends.filter((end) => end > 0 && end <= length).length;
      expect((await disk.readLog('log')).length, `cut after ${length} bytes`).toBe(whole);
      disk.append('log', Buffer.from('next'));
      await disk.sync();
      expect((await disk.readLog('log')).map(text).at(-1)).toBe('next');
      disk.close();
    }
  });

  test.each([1, 7, 8, 64, 5000])('%i zero bytes at the end are cut off', (count) => {
    expect(scanRecords(Buffer.concat([log, Buffer.alloc(count)]))).toMatchObject({ intactBytes: log.length });
  });

  test('a last record with a flipped bit is a torn tail', () => {
    const damaged = Buffer.from(log);
    damaged[log.length - 1]! ^= 1;
    expect(scanRecords(damaged).payloads.map(text)).toEqual(['first', '']);
  });
});

describe('damage in the middle', () => {
  test('any flipped bit before the last record is refused', () => {
    for (let at = 0; at < ends[2]!; at++) {
      for (const bit of [0, 3, 7]) {
        const damaged = Buffer.from(log);
        damaged[at]! ^= 1 << bit;
        expect(() => scanRecords(damaged), `bit ${bit} of byte ${at}`).toThrow(DamagedLogError);
      }
    }
  });

  test('a disk does not open such a log', async () => {
    const directory = scratchDirectory();
    const damaged = Buffer.from(log);
    damaged[9]! ^= 1;
    fs.writeFileSync(path.join(directory, 'log.log'), damaged);
    await expect(new FileDisk(directory).readLog('log')).rejects.toThrow(DamagedLogError);
    expect(fs.readFileSync(path.join(directory, 'log.log'))).toEqual(damaged);
  });

  test('a whole file that is cut or flipped is refused', async () => {
    const directory = scratchDirectory();
    const disk = new FileDisk(directory);
    await disk.writeFile('snapshot', Buffer.from('state'));
    const file = path.join(directory, 'snapshot.file');
    const intact = fs.readFileSync(file);
    for (let length = 0; length < intact.length; length++) {
      fs.writeFileSync(file, intact.subarray(0, length));
      await expect(disk.readFile('snapshot'), `cut after ${length} bytes`).rejects.toThrow(DamagedLogError);
    }
    const flipped = Buffer.from(intact);
    flipped[10]! ^= 4;
    fs.writeFileSync(file, flipped);
    await expect(disk.readFile('snapshot')).rejects.toThrow(DamagedLogError);
  });
});

test('kill -9 loses exactly what was not synced', async () => {
  const directory = scratchDirectory();
  const module = path.join(import.meta.dirname, '../../system-under-test/world/disk.ts');
  const script = `
    const { FileDisk } = await import(${JSON.stringify(module)});
    const disk = new FileDisk(${JSON.stringify(directory)});
    for (let n = 0; n < 20; n++) disk.append('log', Buffer.from('kept ' + n));
    await disk.sync();
    for (let n = 0; n < 20; n++) disk.append('log', Buffer.from('lost ' + n));
    process.stdout.write('synced');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  const records = (await new FileDisk(directory).readLog('log')).map(text);
  expect(records).toEqual(Array.from({ length: 20 }, (_, n) => `kept ${n}`));
});

test('after a failed write nothing is ever called durable again', async () => {
  const directory = scratchDirectory();
  const disk = new FileDisk(directory);
  await disk.writeFile('file', Buffer.from('x'));
  fs.rmSync(directory, { recursive: true });
  await expect(disk.writeFile('file', Buffer.from('y'))).rejects.toThrow('the disk failed');
  fs.mkdirSync(directory);
  disk.append('log', Buffer.from('z'));
  await expect(disk.sync()).rejects.toThrow('the disk failed');
});

test('a slow disk is slow, and says so', async () => {
  const disk = new FileDisk(scratchDirectory());
  disk.slowSync(40);
  const startedMs = performance.now();
  disk.append('log', Buffer.from('x'));
  await disk.sync();
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(39);
  expect(disk.syncMs).toBeGreaterThanOrEqual(39);
});

test('syncs that are asked for together share one fdatasync', async () => {
  const dataSync = vi.spyOn(fs, 'fdatasync');
  onTestFinished(() => dataSync.mockRestore());
  const disk = new FileDisk(scratchDirectory());
  const syncs: Promise<void>[] = [];
  for (let n = 0; n < 200; n++) {
    disk.append('log', Buffer.from(String(n)));
    syncs.push(disk.sync());
  }
  await Promise.all(syncs);
  expect(dataSync).toHaveBeenCalledTimes(2);
});
