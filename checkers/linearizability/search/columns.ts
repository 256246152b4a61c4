/**
 * The column with room for `length` words, the new ones 0. The old memory is given back at once and not when the
 * garbage collector gets to it, so the column must not be used any more.
 */
export function longer(column: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  return new Int32Array(column.buffer.transfer(4 * length));
}
