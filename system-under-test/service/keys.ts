import type { Json } from '../system.ts';
import { type MicroOperation, type Operation, ok, type Response } from './command.ts';
import { equalJson, isList } from './json.ts';

type KeyOperation = Extract<Operation, { op: 'write' | 'cas' | 'delete' | 'append' | 'add' | 'txn' }>;

/** The keys and what they hold. A key that holds null and a key that is absent are one and the same. */
export class Keys {
  readonly #values = new Map<string, Json>();
  /** Lists that `append` made, and may therefore grow in place; all other values belong to the log. */
  readonly #grown = new WeakSet<readonly Json[]>();

  read(key: string): Json {
    const value = this.#values.get(key) ?? null;
    return isList(value) && this.#grown.has(value) ? value.slice() : value;
  }

  apply(operation: KeyOperation): Response {
    switch (operation.op) {
      case 'write':
        this.#set(operation.key, operation.value);
        return ok(null);
      case 'cas': {
        if (!equalJson(this.#values.get(operation.key) ?? null, operation.from)) return ok(false);
        this.#set(operation.key, operation.to);
        return ok(true);
      }
      case 'delete':
        return ok(this.#values.delete(operation.key));
      case 'append':
        return this.#refusalOfAppends([['append', operation.key, operation.value]]) ?? this.#append(operation);
      case 'add':
        return this.#add(operation.key, operation.delta);
      case 'txn':
        return this.#refusalOfAppends(operation.ops) ?? ok(operation.ops.map((micro) => this.#perform(micro)));
    }
  }

  /** All keys with what they hold, in the order of their creation; the lists are the caller's. */
  snapshot(): readonly (readonly [string, Json])[] {
    return [...this.#values.keys()].map((key) => [key, this.read(key)] as const);
  }

  restore(entries: readonly (readonly [string, Json])[]): void {
    this.#values.clear();
    for (const [key, value] of entries) this.#values.set(key, value);
  }

  #set(key: string, value: Json): void {
    if (value === null) this.#values.delete(key);
    else this.#values.set(key, value);
  }

  #append({ key, value }: { readonly key: string; readonly value: Json }): Response {
    const held = (this.#values.get(key) ?? []) as Json[];
    if (this.#grown.has(held)) held.push(value);
    else {
      const list = [...held, value];
      this.#grown.add(list);
      this.#values.set(key, list);
    }
    return ok(null);
  }

  #add(key: string, delta: number): Response {
    const held = this.#values.get(key) ?? 0;
    if (typeof held !== 'number') return wrongType(`add needs a number, "${key}" holds ${typeName(held)}`);
    const total = held + delta;
    if (!Number.isSafeInteger(total)) {
      const text = `${held} + ${delta} is no whole number that JSON carries exactly`;
      return { ok: false, code: 'out-of-range', definite: true, text };
    }
    this.#set(key, total);
    return ok(total);
  }

  #perform(micro: MicroOperation): Json {
    const [kind, key, value] = micro;
    switch (kind) {
      case 'r':
        return ['r', key, this.read(key)];
      case 'w':
        this.#set(key, value);
        return micro;
      case 'append':
        this.#append({ key, value });
        return micro;
    }
  }

  /** A transaction is all or nothing, so it is looked through before anything is changed. */
  #refusalOfAppends(ops: readonly MicroOperation[]): Response | undefined {
    const written = new Map<string, Json>();
    for (const [kind, key, value] of ops) {
      if (kind === 'w') written.set(key, value);
      if (kind !== 'append') continue;
      const held = written.has(key) ? written.get(key) : this.#values.get(key);
      if (held !== undefined && held !== null && !isList(held)) {
        return wrongType(`append needs a list, "${key}" holds ${typeName(held)}`);
      }
      written.set(key, []);
    }
    return undefined;
  }
}

function wrongType(text: string): Response {
  return { ok: false, code: 'wrong-type', definite: true, text };
}

function typeName(value: Json): string {
  if (value === null) return 'nothing';
  return isList(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
