import { ABSENT } from './absent.ts';
import { ByteStrings } from './byte-strings.ts';
import { Cells, ERROR, KEY, RESULT, VALUE } from './cells.ts';

/** Bytes behind the last line that a scan may look at. */
export const SLACK = 8;

/** Types of events, as numbers. */
export const INVOKE = 0;
export const OK_EVENT = 1;
export const FAIL_EVENT = 2;
export const INFO_EVENT = 3;

const COMMA = 44;
const CLOSE = 125;
const NEWLINE = 10;

/** Four characters as one number, as `DataView.getInt32` reads them: the names of fields are compared in words. */
const word = (text: string): number =>
  text.charCodeAt(0) | (text.charCodeAt(1) << 8) | (text.charCodeAt(2) << 16) | (text.charCodeAt(3) << 24);

const [INDEX_0, INDEX_4, INDEX_5] = [word('{"in'), word('dex"'), word('ex":')];
const [TIME_0, TIME_4] = [word(',"ti'), word('me":')];
const [PROCESS_0, PROCESS_4, PROCESS_7] = [word(',"pr'), word('oces'), word('ss":')];
const [TYPE_0, TYPE_4, TYPE_5] = [word(',"ty'), word('pe":'), word('e":"')];
const [INVOKE_0, INVOKE_2, FAIL_0, INFO_0] = [word('invo'), word('voke'), word('fail'), word('info')];
const [F_0, F_3] = [word('","f'), word('f":"')];
const [KEY_0, KEY_3] = [word(',"ke'), word('ey":')];
const [VALUE_0, VALUE_4, VALUE_5] = [word(',"va'), word('lue"'), word('ue":')];
const [RESULT_0, RESULT_4, RESULT_6] = [word(',"re'), word('sult'), word('lt":')];
const [NODE_0, NODE_4, NODE_5] = [word(',"no'), word('de":'), word('e":"')];
const [ERROR_0, ERROR_4, ERROR_5] = [word(',"er'), word('ror"'), word('or":')];
const [PHASE_0, PHASE_4, PHASE_6] = [word(',"ph'), word('ase"'), word('e":"')];

/**
 * One event of a client, read from the bytes of its line as `serializeEvent` writes it: fields in that order, `index`,
 * `time`, `process`, `type` and `f` among them, no blanks, texts in plain ASCII, and the contents that `Cells` knows.
 * Nothing is allocated. Any other line is not recognised, whether it is an event or not: the reader then takes the long
 * way, which knows all of JSON. What a scan accepts, the long way accepts, with the same contents.
 *
 * The fields hold the event until the next scan. Texts are numbers in `strings`.
 */
export class EventScan {
  readonly strings = new ByteStrings();
  readonly cells = new Cells(this.strings);
  index = 0;
  time = 0;
  process = 0;
  type = INVOKE;
  f = 0;
  node = ABSENT;
  phase = ABSENT;

  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(new ArrayBuffer(0));

  /** Says which bytes the next scans read. */
  over(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.cells.over(bytes, this.view);
  }

  /**
   * Reads the line that begins at `from`, and must end with a newline that is followed by `SLACK` bytes. Returns where
   * the next line begins, or `ABSENT` if this one is not recognised; the fields then hold nothing of use.
   */
  scan(from: number): number {
    const at = this.head(from);
    return at === ABSENT ? ABSENT : this.tail(at);
  }

  /** The fields that every event has: `{"index":0,"time":0,"process":0,"type":"ok","f":"read"`. */
  private head(from: number): number {
    const { view, cells } = this;
    let at = from;
    if (view.getInt32(at, true) !== INDEX_0) return ABSENT;
    if (view.getInt32(at + 4, true) !== INDEX_4 || view.getInt32(at + 5, true) !== INDEX_5) return ABSENT;
    at = cells.count(at + 9);
    if (at === ABSENT) return ABSENT;
    this.index = cells.small;
    if (view.getInt32(at, true) !== TIME_0 || view.getInt32(at + 4, true) !== TIME_4) return ABSENT;
    at = cells.natural(at + 8);
    if (at === ABSENT) return ABSENT;
    this.time = cells.number;
    if (view.getInt32(at, true) !== PROCESS_0 || view.getInt32(at + 4, true) !== PROCESS_4) return ABSENT;
    if (view.getInt32(at + 7, true) !== PROCESS_7) return ABSENT;
    at = cells.count(at + 11);
    if (at === ABSENT) return ABSENT;
    this.process = cells.small;
    if (view.getInt32(at, true) !== TYPE_0 || view.getInt32(at + 4, true) !== TYPE_4) return ABSENT;
    if (view.getInt32(at + 5, true) !== TYPE_5) return ABSENT;
    at = this.typeAt(at + 9);
    if (at === ABSENT || view.getInt32(at, true) !== F_0 || view.getInt32(at + 3, true) !== F_3) return ABSENT;
    const start = at + 7;
    at = cells.text(start);
    this.f = cells.small;
    return at === start + 1 ? ABSENT : at; // an empty name is for the long way to refuse
  }

  private typeAt(at: number): number {
    switch (this.view.getInt32(at, true)) {
      case INVOKE_0:
        this.type = INVOKE;
        return this.view.getInt32(at + 2, true) === INVOKE_2 ? at + 6 : ABSENT;
      case FAIL_0:
        this.type = FAIL_EVENT;
        return at + 4;
      case INFO_0:
        this.type = INFO_EVENT;
        return at + 4;
      default:
        this.type = OK_EVENT;
        return this.bytes[at] === 111 && this.bytes[at + 1] === 107 ? at + 2 : ABSENT; // "ok"
    }
  }

  /** The fields that an event may have, in their order, and the end of the line. */
  private tail(from: number): number {
    const { view, cells, bytes } = this;
    let at = from;
    cells.clear();
    this.node = ABSENT;
    this.phase = ABSENT;
    if (view.getInt32(at, true) === KEY_0 && view.getInt32(at + 3, true) === KEY_3) {
      at = cells.value(KEY, at + 7);
      if (at === ABSENT) return ABSENT;
    }
    if (
      view.getInt32(at, true) === VALUE_0 &&
      view.getInt32(at + 4, true) === VALUE_4 &&
      view.getInt32(at + 5, true) === VALUE_5
    ) {
      at = cells.value(VALUE, at + 9);
      if (at === ABSENT) return ABSENT;
    }
    if (
      view.getInt32(at, true) === RESULT_0 &&
      view.getInt32(at + 4, true) === RESULT_4 &&
      view.getInt32(at + 6, true) === RESULT_6
    ) {
      at = cells.value(RESULT, at + 10);
      if (at === ABSENT) return ABSENT;
    }
    if (
      view.getInt32(at, true) === NODE_0 &&
      view.getInt32(at + 4, true) === NODE_4 &&
      view.getInt32(at + 5, true) === NODE_5
    ) {
      at = cells.text(at + 9);
      if (at === ABSENT) return ABSENT;
      this.node = cells.small;
    }
    if (bytes[at] === COMMA) {
      at = this.rareTail(at);
      if (at === ABSENT) return ABSENT;
    }
    return bytes[at] === CLOSE && bytes[at + 1] === NEWLINE ? at + 2 : ABSENT;
  }

  private rareTail(from: number): number {
    const { view, cells } = this;
    let at = from;
    if (
      view.getInt32(at, true) === ERROR_0 &&
      view.getInt32(at + 4, true) === ERROR_4 &&
      view.getInt32(at + 5, true) === ERROR_5
    ) {
      at = cells.value(ERROR, at + 9);
      if (at === ABSENT) return ABSENT;
    }
    if (
      view.getInt32(at, true) === PHASE_0 &&
      view.getInt32(at + 4, true) === PHASE_4 &&
      view.getInt32(at + 6, true) === PHASE_6
    ) {
      at = cells.text(at + 10);
      this.phase = cells.small;
    }
    return at;
  }
}
