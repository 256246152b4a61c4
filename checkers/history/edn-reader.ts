import type { Value } from './operation.ts';
import { canonical } from './values.ts';

/** What is wrong with a text that should be EDN, and where. */
export class EdnError extends Error {
  readonly line: number;
  readonly column: number;
  readonly right: string;

  constructor(what: string, right: string, line: number, column: number) {
    super(what);
    this.line = line;
    this.column = column;
    this.right = right;
  }
}

const DEPTH_MAX = 500;
const named: Readonly<Record<string, string>> = {
  newline: '\n',
  return: '\r',
  space: ' ',
  tab: '\t',
  formfeed: '\f',
  backspace: '\b',
};
const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  f: '\f',
  b: '\b',
  '"': '"',
  '\\': '\\',
  '/': '/',
};
const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * Reads EDN (the notation of Clojure data: github.com/edn-format/edn) into the values of a history, one form at a time.
 *
 * What JSON lacks is mapped, the same way every time, so that equal forms stay equal: keywords and symbols become their
 * names as text, characters text, lists lists, sets lists in a fixed order, and names of map entries text (`{1 2}`
 * reads like `{"1" 2}`; two entries that collide are an error). Integers beyond 2^53 and decimals (`M`) that a double
 * cannot hold become decimal text. A tag is dropped and its value kept, except that `tuples` remembers the pairs tagged
 * as such. What has no place in a history (NaN, infinities, ratios) is an error with its line and column.
 */
export class EdnForms {
  /** Pairs that were tagged as keyed tuples, such as `#jepsen.independent/tuple [k v]`. */
  readonly tuples = new WeakSet<object>();
  private readonly text: string;
  private at = 0;
  private line: number;
  private lineStart = 0;

  constructor(text: string, line = 1) {
    this.text = text;
    this.line = line;
  }

  /** Line of the next character, from 1. */
  get currentLine(): number {
    return this.line;
  }

  /** Skips blanks, comments and discarded forms; false at the end of the text. */
  more(): boolean {
    this.skip(0);
    return this.at < this.text.length;
  }

  /** The next character, once `more` has said that there is one. */
  peek(): string {
    return this.text[this.at] ?? '';
  }

  /** Steps over one character that the caller has peeked. */
  step(): void {
    this.at++;
  }

  /** The next form. */
  next(): Value {
    return this.form(0);
  }

  fail(what: string, right: string): EdnError {
    return new EdnError(what, right, this.line, this.at - this.lineStart + 1);
  }

  private form(depth: number): Value {
    this.skip(depth);
    if (depth > DEPTH_MAX) throw this.fail('the form is nested too deeply', `forms have at most ${DEPTH_MAX} levels`);
    const c = this.text[this.at];
    switch (c) {
      case undefined:
        throw this.fail('the text ends inside a form', 'every bracket is closed');
      case '(':
      case '[':
        return this.sequence(depth);
      case '{':
        return this.map(depth);
      case '"':
        return this.string();
      case '#':
        return this.dispatch(depth);
      case '\\':
        return this.character();
      case ')':
      case ']':
      case '}':
        throw this.fail(`an unexpected ${c}`, 'every closing bracket has its opening one');
      default:
        return this.atom();
    }
  }

  private skip(depth: number): void {
    for (; this.at < this.text.length; this.at++) {
      const c = this.text.charCodeAt(this.at);
      if (c === 10) {
        this.line++;
        this.lineStart = this.at + 1;
      } else if (c === 59) {
        const end = this.text.indexOf('\n', this.at);
        this.at = (end === -1 ? this.text.length : end) - 1;
      } else if (c === 35 && this.text[this.at + 1] === '_') {
        this.at += 2;
        this.form(depth + 1);
        this.at--;
      } else if (c !== 32 && c !== 44 && c !== 9 && c !== 13 && c !== 12) return;
    }
  }

  /** The forms up to the bracket that closes the one here. */
  private sequence(depth: number): Value[] {
    const close = closers[this.peek()]!;
    const items: Value[] = [];
    this.at++;
    for (;;) {
      this.skip(depth);
      if (this.peek() === close) break;
      items.push(this.form(depth + 1));
    }
    this.at++;
    return items;
  }

  private map(depth: number): Value {
    const forms = this.sequence(depth);
    if (forms.length % 2 !== 0) throw this.fail('a map with a name that has no value', 'a map holds pairs');
    const fields: [string, Value][] = [];
    const names = new Set<string>();
    for (let i = 0; i < forms.length; i += 2) {
      const name = typeof forms[i] === 'string' ? (forms[i] as string) : canonical(forms[i]!);
      if (names.has(name)) throw this.fail(`a map with two entries for ${name}`, 'names differ in their text');
      names.add(name);
      fields.push([name, forms[i + 1]!]);
    }
    return Object.fromEntries(fields);
  }

  private dispatch(depth: number): Value {
    this.at++;
    const c = this.peek();
    if (c === '{') {
      const items = this.sequence(depth).map((item) => ({ item, text: canonical(item) }));
      return items.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)).map(({ item }) => item);
    }
    if (c === '#') throw this.fail('NaN and infinities have no place in a history', 'values are what JSON can say');
    if (!/[A-Za-z]/.test(c)) throw this.fail(`#${c} is not EDN`, '# begins a set, a tag or a discarded form');
    const tag = this.token();
    const value = this.form(depth + 1);
    if (/tuple$|mapentry$/i.test(tag) && Array.isArray(value)) this.tuples.add(value);
    return value;
  }

  private string(): string {
    const from = ++this.at;
    let text = '';
    let start = from;
    for (; this.at < this.text.length; this.at++) {
      const c = this.text.charCodeAt(this.at);
      if (c === 34) return text + this.text.slice(start, this.at++);
      if (c === 10) {
        this.line++;
        this.lineStart = this.at + 1;
      }
      if (c !== 92) continue;
      text += this.text.slice(start, this.at) + this.escape();
      start = this.at + 1;
    }
    throw this.fail('the text ends inside a string', 'a string ends with a quotation mark');
  }

  /** The character behind a backslash; stops on the last character of the escape. */
  private escape(): string {
    const c = this.text[++this.at] ?? '';
    if (c === 'u') return String.fromCharCode(this.unicode());
    const escaped = escapes[c];
    if (escaped === undefined)
      throw this.fail(`\\${c} is no escape`, 'escapes are \\n \\r \\t \\f \\b \\" \\\\ and \\uNNNN');
    return escaped;
  }

  private unicode(): number {
    const digits = this.text.slice(this.at + 1, this.at + 5);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.fail('\\u without four digits', 'such as \\u00e9');
    this.at += 4;
    return Number.parseInt(digits, 16);
  }

  private character(): string {
    this.at++;
    const first = String.fromCodePoint(this.text.codePointAt(this.at) ?? 32);
    this.at += first.length;
    const name = first + this.token();
    if (name === first) return first;
    const hex = /^u([0-9a-fA-F]{4})$/.exec(name);
    const character = hex === null ? named[name] : String.fromCharCode(Number.parseInt(hex[1]!, 16));
    if (character === undefined) throw this.fail(`\\${name} is no character`, 'such as \\a, \\newline or \\u00e9');
    return character;
  }

  /** Everything up to the next blank or bracket. */
  private token(): string {
    const from = this.at;
    while (this.at < this.text.length && !isDelimiter(this.text.charCodeAt(this.at))) this.at++;
    return this.text.slice(from, this.at);
  }

  private atom(): Value {
    const start = this.at;
    const text = this.token();
    if (text === 'nil') return null;
    if (text === 'true') return true;
    if (text === 'false') return false;
    const first = text.charCodeAt(0);
    const second = text.charCodeAt(1);
    const numeric = isDigit(first) || ((first === 43 || first === 45) && isDigit(second));
    const value = numeric ? number(text) : name(text);
    if (value !== undefined) return value;
    this.at = start;
    throw this.fail(`${text === '' ? this.peek() : text} is not EDN`, 'a form is a value, a keyword or a collection');
  }
}

function isDelimiter(c: number): boolean {
  // Blanks, comma, double quote, semicolon, ( ) [ ] { }
  return (
    c <= 32 ||
    c === 44 ||
    c === 34 ||
    c === 59 ||
    c === 40 ||
    c === 41 ||
    c === 91 ||
    c === 93 ||
    c === 123 ||
    c === 125
  );
}

const isDigit = (c: number): boolean => c >= 48 && c <= 57;

/** A keyword or a symbol, as text. */
function name(text: string): string | undefined {
  const bare = text.startsWith(':') ? text.slice(1) : text;
  return /^[^\s:#\\@^`~][^\s\\@^`~]*$/.test(bare) ? bare : undefined;
}

function number(text: string): Value | undefined {
  if (/^[+-]?(0|[1-9]\d*)N?$/.test(text)) {
    const digits = text.replace(/^\+|N$/g, '');
    const integer = Number(digits.replace('N', ''));
    return Number.isSafeInteger(integer) ? integer : digits.replace('N', '');
  }
  const decimal = /^([+-]?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d+)?)(M?)$/.exec(text);
  if (decimal === null) return undefined;
  const value = Number(decimal[1]);
  if (!Number.isFinite(value)) return undefined;
  // A decimal is exact: keep the text unless the double says the same.
  return decimal[2] === 'M' && String(value) !== decimal[1] ? decimal[1]! : value;
}
