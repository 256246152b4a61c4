/** Two columns of text, the first as wide as it needs to be; ends with a line break. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, summary]) => `${name.padEnd(width)}  ${summary}\n`).join('');
}
