/** What no field of the contract may be, or what its text may try. */

const deep = (depth: number): unknown => {
  let value: unknown = 'bottom';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

/** Values of the wrong kind, size or sign. */
export const WRONG_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  2 ** 31,
  2 ** 53,
  1e308,
  -1n,
  2n ** 63n,
  10n ** 40n,
  '',
  'NaN',
  'Infinity',
  '1e999',
  '0x10',
  ' 1',
  'true',
  'a'.repeat(70_000),
  '\u0000',
  '\ud800',
  '\udc00\ud800',
  new Date(0),
  [],
  {},
  [[[]]],
  Array.from({ length: 2_000 }, () => 1),
  Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`key${index}`, index])),
  deep(400),
  { $ne: null },
  { toString: 'x', valueOf: 'x', length: -1 },
  { constructor: { prototype: { admin: true } } },
  JSON.parse('{"__proto__":{"admin":true}}'),
];

/** Texts that try something wherever a text ends up: a statement, a page, a sheet, a terminal, a file name, a log. */
export const HOSTILE_TEXTS: readonly string[] = [
  "'; drop table platform.caps; --",
  "' or 1=1 --",
  '$1::text; select pg_sleep(10)',
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '"><svg onload=alert(1)>',
  '{{constructor.constructor("alert(1)")()}}',
  "=cmd|'/c calc'!A1",
  '+1+1',
  '@SUM(1)',
  '../../../../etc/passwd',
  '..\\..\\windows\\win.ini',
  'CON',
  '%00%0a%0d',
  'line\r\nSet-Cookie: a=b',
  '\u001b]0;owned\u0007\u001b[2J',
  '\u202egpj.exe',
  '\ufeff\u200b\u200d',
  '\ud83d',
  '${process.env.HOME}',
  '`id`',
  '__proto__',
  'a'.repeat(199),
  'ﷺ'.repeat(60),
];

/** Bodies that are no input at all, or lie about it; texts of JSON. */
export const WRONG_BODIES: readonly string[] = [
  'null',
  '[]',
  '"text"',
  '1e999',
  '-1e999',
  '{"json":1e999}',
  '{"json":{},"meta":[[0,"__proto__"]]}',
  '{"json":{},"meta":[[0,"constructor","prototype"]]}',
  '{"json":{},"meta":[[1,"__proto__","polluted"]]}',
  '{"json":{"a":"1"},"meta":[[0,"a"],[0,"a"],[0,"a"]]}',
  '{"json":{"a":"x"},"meta":[[0,"a"]]}',
  '{"json":{"a":"[("},"meta":[[6,"a"]]}',
  '{"json":{"a":"("},"meta":[[7,"a"],[8,"a"]]}',
  '{"json":{},"meta":[[99,"x"]]}',
  '{"json":{},"meta":"[]"}',
  '{"json":{},"meta":[null]}',
  '{"json":{},"meta":[["0"]]}',
  '{"json":{},"maps":[["a"]]}',
  '{"meta":[[0,"a","b"]]}',
  '{"json":{"__proto__":{"tenantId":1}}}',
  '{"__proto__":{"json":{}}}',
  '{"json":{"tenantId":"a","tenantId":"b","tenantId":{}}}',
  `{"json":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
  `{"json":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`,
  `{"json":{"a":"${'9'.repeat(100_000)}"},"meta":[[0,"a"]]}`,
  `{"json":[${'1,'.repeat(50_000)}1]}`,
  `{"json":{},"meta":[${'[0],'.repeat(20_000)}[0]]}`,
];

/** Names where a call's name belongs. */
export const WRONG_PATHS: readonly string[] = [
  '/caps/set',
  '/caps/toString',
  '/toString/call',
  '/constructor/prototype',
  '/hasOwnProperty/caps',
  '/caps/constructor',
  '/caps/then',
  '/database/rows',
  '/vault/getSecret',
  '/vault/dek',
  '/profiles/password',
];
