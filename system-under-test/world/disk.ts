import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DamagedLogError, encodeRecord, scanRecords } from './record.ts';
import type { Disk } from './world.ts';

/**
 * Logs and whole files in one directory, by the durability model of SYSTEMS 0.3: what was appended stays in this
 * process's memory until `sync` writes and fdatasyncs it, so that killing the process loses exactly what was not synced.
 *
 * After any error of write or fsync the state of the page cache is unknown (Rebello et al., USENIX ATC 2020): every
 * later sync rejects too, and the node must stop.
 */
export class FileDisk implements Disk {
  readonly #directory: string;
  readonly #logs = new Map<string, LogFile>();
  /** Work on logs, done strictly one after the other; whole files have their own order, so they hold up no sync. */
  #lane: Promise<void> = Promise.resolve();
  readonly #fileLanes = new Map<string, Promise<void>>();
  #group: Group | undefined;
  #syncing = false;
  #failure: Error | undefined;
  readonly #durations = new RecentDurations();
  #slowMs = 0;

  constructor(directory: string) {
    fs.mkdirSync(directory, { recursive: true });
    this.#directory = directory;
  }

  async readLog(name: string): Promise<readonly Uint8Array[]> {
    return this.#log(name).recover();
  }

  append(name: string, record: Uint8Array): void {
    this.#currentGroup().add(name, encodeRecord(record));
  }

  /** Group commit: while one sync is in flight, all others wait for the next one together. */
  sync(): Promise<void> {
    const group = this.#currentGroup();
    group.wanted = true;
    if (!this.#syncing) this.#startSyncing();
    return group.durable;
  }

  rewriteLog(name: string, records: readonly Uint8Array[]): Promise<void> {
    // Appends that somebody is already waiting for keep their place; the others are part of what is replaced.
    if (this.#group?.wanted) this.#startSyncing();
    this.#group?.drop(name);
    return this.#inLane(() => this.#log(name).replace(Buffer.concat(records.map(encodeRecord))));
  }

  async readFile(name: string): Promise<Uint8Array | undefined> {
    const file = this.#path(`${name}.file`);
    if (!fs.existsSync(file)) return undefined;
    const { payloads, intactBytes } = scanRecords(await fs.promises.readFile(file));
    const [payload] = payloads;
    const length = (await fs.promises.stat(file)).size;
    if (payloads.length === 1 && payload !== undefined && intactBytes === length) return payload;
    throw new DamagedLogError(`the file ${name} is damaged: it was replaced atomically, so no crash explains it`);
  }

  writeFile(name: string, bytes: Uint8Array): Promise<void> {
    const before = this.#fileLanes.get(name) ?? Promise.resolve();
    const done = before.then(() => this.#guard(() => replaceFile(this.#path(`${name}.file`), encodeRecord(bytes))));
    this.#fileLanes.set(name, ignoringFailure(done));
    return done;
  }

  /** Makes each sync take at least this long, as a slow device does; 0 heals. Earlier syncs no longer count as recent. */
  slowSync(delayMs: number): void {
    if (delayMs !== this.#slowMs) this.#durations.forget();
    this.#slowMs = delayMs;
  }

  /** Median duration of the recent syncs, milliseconds; 0 before the first. */
  get syncMs(): number {
    return this.#durations.median();
  }

  /** Closes the files; what was not synced is lost, as in a crash. */
  close(): void {
    for (const log of this.#logs.values()) log.close();
    this.#failure ??= new Error('the disk is closed');
  }

  #currentGroup(): Group {
    this.#group ??= new Group();
    return this.#group;
  }

  /** Closes the current group and queues it; when it is durable, the group that has gathered meanwhile follows. */
  #startSyncing(): void {
    const group = this.#group;
    if (!group) return;
    this.#group = undefined;
    this.#syncing = true;
    this.#inLane(() => this.#writeGroup(group)).then(
      () => {
        this.#continueSyncing();
        group.resolve();
      },
      (error: Error) => {
        this.#continueSyncing();
        group.reject(error);
      },
    );
  }

  #continueSyncing(): void {
    this.#syncing = false;
    if (this.#group?.wanted) this.#startSyncing();
  }

  async #writeGroup(group: Group): Promise<void> {
    const startedMs = performance.now();
    for (const [name, records] of group.records) await this.#log(name).write(records);
    // Timers may fire up to a millisecond early, and "at least" is a promise.
    const leftMs = (): number => this.#slowMs - (performance.now() - startedMs);
    while (leftMs() > 0) await sleep(leftMs());
    if (group.records.size > 0) this.#durations.note(performance.now() - startedMs);
  }

  #inLane(work: () => Promise<void>): Promise<void> {
    const done = this.#lane.then(() => this.#guard(work));
    this.#lane = ignoringFailure(done);
    return done;
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    if (this.#failure) throw this.#failure;
    try {
      await work();
    } catch (cause) {
      this.#failure ??= new Error(`the disk failed, so what is on it is unknown: ${String(cause)}`, { cause });
      throw this.#failure;
    }
  }

  #log(name: string): LogFile {
    let log = this.#logs.get(name);
    if (!log) {
      log = new LogFile(this.#path(`${name}.log`));
      this.#logs.set(name, log);
    }
    return log;
  }

  #path(file: string): string {
    if (!/^[a-z0-9-]+\.(log|file)$/.test(file))
      throw new Error(`a name on disk is lower case and plain, not "${file}"`);
    return path.join(this.#directory, file);
  }
}

/** Appends that become durable together. */
class Group {
  readonly records = new Map<string, Buffer[]>();
  wanted = false;
  readonly durable: Promise<void>;
  resolve: () => void = () => {};
  reject: (error: Error) => void = () => {};

  constructor() {
    this.durable = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  add(name: string, record: Buffer): void {
    const records = this.records.get(name);
    if (records) records.push(record);
    else this.records.set(name, [record]);
  }

  drop(name: string): void {
    this.records.delete(name);
  }
}

/** One append-only file. Its owner calls one method at a time. */
class LogFile {
  readonly #file: string;
  #descriptor: number | undefined;
  #length = 0;

  constructor(file: string) {
    this.#file = file;
  }

  async recover(): Promise<readonly Uint8Array[]> {
    const descriptor = this.#open();
    const { payloads, intactBytes } = scanRecords(await fs.promises.readFile(this.#file));
    if (intactBytes < fs.fstatSync(descriptor).size) {
      fs.ftruncateSync(descriptor, intactBytes);
      fs.fsyncSync(descriptor);
    }
    this.#length = intactBytes;
    return payloads;
  }

  async write(records: readonly Buffer[]): Promise<void> {
    const descriptor = this.#open();
    const bytes = records.length === 1 ? (records[0] as Buffer) : Buffer.concat(records);
    // Into the page cache at once: a second trip through the thread pool would cost more than the copy.
    for (let written = 0; written < bytes.length; ) {
      written += fs.writeSync(descriptor, bytes, written, bytes.length - written, this.#length + written);
    }
    this.#length += bytes.length;
    await dataSync(descriptor);
  }

  async replace(bytes: Buffer): Promise<void> {
    this.close();
    await replaceFile(this.#file, bytes);
    this.#open();
  }

  close(): void {
    if (this.#descriptor !== undefined) fs.closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number {
    if (this.#descriptor !== undefined) return this.#descriptor;
    const isNew = !fs.existsSync(this.#file);
    this.#descriptor = fs.openSync(this.#file, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o644);
    if (isNew) syncDirectory(path.dirname(this.#file));
    this.#length = fs.fstatSync(this.#descriptor).size;
    return this.#descriptor;
  }
}

/** Temporary file, fsync, rename, fsync of the directory; the last step is the one etcd issue 6368 missed. */
async function replaceFile(file: string, bytes: Buffer): Promise<void> {
  const temporary = `${file}.new`;
  const handle = await fs.promises.open(temporary, 'w', 0o644);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await fs.promises.rename(temporary, file);
  syncDirectory(path.dirname(file));
}

function syncDirectory(directory: string): void {
  const descriptor = fs.openSync(directory, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function dataSync(descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.fdatasync(descriptor, (error) => (error ? reject(error) : resolve()));
  });
}

function ignoringFailure(done: Promise<void>): Promise<void> {
  return done.catch(() => {}); // whoever asked for the work sees its failure
}

class RecentDurations {
  readonly #kept: number[] = [];
  #next = 0;

  forget(): void {
    this.#kept.length = 0;
    this.#next = 0;
  }

  note(durationMs: number): void {
    this.#kept[this.#next] = durationMs;
    this.#next = (this.#next + 1) % 32;
  }

  median(): number {
    const sorted = this.#kept.toSorted((left, right) => left - right);
    return sorted[sorted.length >> 1] ?? 0;
  }
}
