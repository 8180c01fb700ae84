import { expect, test } from 'vitest';
import { createGatewayLog, errorFields, type LogLevel } from './gateway-log.ts';

function logged(write: (log: ReturnType<typeof createGatewayLog>) => void, level?: LogLevel): string[] {
  const lines: string[] = [];
  const log = createGatewayLog(
    (line) => lines.push(line),
    () => new Date('2026-03-01T00:00:00Z'),
    level,
  );
  write(log);
  return lines;
}

test('an event is one line of JSON, whatever its fields hold', () => {
  const [line, ...more] = logged((log) => log.warn('it "broke"', { text: 'two\nlines' }));
  expect(more).toEqual([]);
  expect(line?.indexOf('\n')).toBe((line?.length ?? 0) - 1);
  expect(JSON.parse(line ?? '')).toEqual({
    at: '2026-03-01T00:00:00.000Z',
    level: 'warn',
    event: 'it "broke"',
    text: 'two\nlines',
  });
});

test('lines below the level are not written', () => {
  const all = (log: ReturnType<typeof createGatewayLog>): void => {
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](level);
  };
  expect(logged(all)).toHaveLength(3);
  expect(logged(all, 'debug')).toHaveLength(4);
  expect(logged(all, 'error')).toHaveLength(1);
});

test('a hidden text stands in no line, in none of its encodings', () => {
  const secret = 'p"w/with+signs=ñ';
  const encodings = [
    secret,
    encodeURIComponent(secret),
    ...(['base64', 'base64url', 'hex'] as const).map((encoding) => Buffer.from(secret).toString(encoding)),
  ];
  const lines = logged((log) => {
    log.hide(secret);
    for (const text of encodings) log.error('trouble', { message: `could not open <${text}>` });
  });
  expect(lines).toHaveLength(5);
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ message: 'could not open <[hidden]>' });
});

test('what looks like a key or a password is hidden without being known', () => {
  const lines = logged((log) => {
    log.error('td_abcdefgh12345678');
    log.error('tdo_abcdefgh12345678');
    log.error('sk-ant-abcdefgh12345678');
    log.error('Authorization: Bearer abc.def');
    log.error('connect postgres://user:word@db:5432/x failed');
  });
  expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
    '[hidden]',
    '[hidden]',
    '[hidden]',
    'Authorization: Bearer [hidden]',
    'connect postgres://[hidden]@db:5432/x failed',
  ]);
});

test('an error that repeats what it could not read says its class alone', () => {
  let error: unknown;
  try {
    JSON.parse('canary-content');
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(SyntaxError);
  expect(JSON.stringify(errorFields(error))).toBe('{"error.type":"SyntaxError"}');
  expect(errorFields(new RangeError('first\nsecond'))).toMatchObject({ 'error.type': 'RangeError', message: 'first' });
});
