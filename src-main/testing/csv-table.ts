/** A CSV file (RFC 4180, with or without a mark) as rows by the names of its columns. Throws when a line has another number of cells. */
export function csvTable(text: string): Record<string, string>[] {
  const lines: string[][] = [[]];
  for (const [, quoted, plain = '', end] of text
    .replace(/^\uFEFF/, '')
    .matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gy)) {
    lines.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n') lines.push([]);
    if (end === '') break;
  }
  const [names = [], ...rows] = lines.filter((cells) => cells.length > 1);
  return rows.map((cells) => {
    if (cells.length !== names.length) {
      throw new Error(`${cells.length} cells, not ${names.length}: ${cells.join(' | ')}`);
    }
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}
