import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvCell } from './export-format.ts';

it.each([
  [null, ''],
  ['', '""'],
  ['plain', 'plain'],
  ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@sum', "'@sum"],
  ['\tx', "'\tx"],
  ["'quoted", "''quoted"],
  ['a,b', '"a,b"'],
  ['two\nlines', '"two\nlines"'],
])('%j is written %s', (value, cell) => {
  expect(csvCell(value)).toBe(cell);
});

it('can be taken back, and is never a formula', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('=', "'", '"', ',', '\r', '\n', '@', 'a') })),
      (value) => {
        const cell = csvCell(value);
        const text = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
        expect(text).not.toMatch(/^[=+\-@\t\r\n]/);
        expect(text.replace(/^'/, '')).toBe(value);
      },
    ),
  );
});
