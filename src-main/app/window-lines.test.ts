import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeConsole, type FakeConsole } from '../testing/fake-console.ts';
import { createWindowLines, MAX_OPEN_CALLS, type WindowLine } from './window-lines.ts';

let fake: FakeConsole;
let line: WindowLine;
let sent: string[];
let errors: unknown[];
let hangUps: number;

beforeEach(() => {
  fake = createFakeConsole({ frameMs: 0 });
  [sent, errors, hangUps] = [[], [], 0];
  line = createWindowLines(fake.router)({
    send: (text) => sent.push(text),
    hangUp: () => (hangUps += 1),
    onError: (error) => errors.push(error),
  });
});
afterEach(() => {
  line.end();
  fake.close();
});

const call = (id: string, path = '/audit/list', json: unknown = { limit: 1 }) => ({
  i: id,
  p: { u: path, b: { json } },
});
const watch = (id: string) => ({ i: id, p: { u: '/session/watch', b: {} } });
const take = (message: unknown): void => line.take(JSON.stringify(message));
const answers = () => sent.map((text) => JSON.parse(text) as { i: string; p?: { s?: number; b?: unknown } });

describe('the line of a window', () => {
  it('answers calls, and ends a stream that was aborted', async () => {
    take(call('1'));
    await vi.waitFor(() => expect(answers()).toMatchObject([{ i: '1', p: { b: { json: { entries: [] } } } }]));
    take(watch('2'));
    await vi.waitFor(() => expect(sent.length).toBeGreaterThan(2));
    take({ i: '2', t: 4 });
    take({ i: 'never asked', t: 4 });
    expect([hangUps, errors]).toEqual([0, []]);
  });

  it('says in an answer that there is no such call', async () => {
    take(call('1', '/toString/constructor'));
    await vi.waitFor(() => expect(answers()).toMatchObject([{ i: '1', p: { s: 404 } }]));
    expect(hangUps).toBe(0);
  });

  it.each<[string, unknown]>([
    ['bytes', new Uint8Array(8)],
    ['an object', call('1')],
    ['nothing', null],
    ['no JSON', '{"i":"1","password":"hunter2'],
    ['a text that is too long', 'x'.repeat(262_145)],
    ['a number as its id', JSON.stringify({ ...call('1'), i: 1 })],
    ['no id', JSON.stringify({ p: call('1').p })],
    ['an id without an end', JSON.stringify(call('1'.repeat(65)))],
    ['a word of the answering side', JSON.stringify({ i: '1', t: 2, p: {} })],
    ['a part of a stream of its own', JSON.stringify({ i: '1', t: 3, p: { e: 'message', d: 'x' } })],
    ['an address', JSON.stringify(call('1', 'https://evil.example/audit/list'))],
    ['a query', JSON.stringify(call('1', '/audit/list?data={}'))],
    ['a path that climbs', JSON.stringify(call('1', '/audit/../audit/list'))],
    ['another method', JSON.stringify({ i: '1', p: { ...call('1').p, m: 'GET' } })],
    ['headers', JSON.stringify({ i: '1', p: { ...call('1').p, h: { 'content-type': 'multipart/form-data' } } })],
  ])('is closed for %s, and nobody is told what it carried', (_name, message) => {
    line.take(message);
    line.take(JSON.stringify(call('2')));
    expect(hangUps).toBe(1);
    expect(errors).toEqual([new Error('The window sent a message that no page of ours sends; its line was closed.')]);
    expect(sent).toEqual([]);
  });

  it('is closed for more calls at once than a window has', async () => {
    for (let id = 0; id < MAX_OPEN_CALLS; id += 1) take(watch(String(id)));
    await vi.waitFor(() => expect(sent.length).toBeGreaterThanOrEqual(2 * MAX_OPEN_CALLS));
    expect(hangUps).toBe(0);
    take({ i: '0', t: 4 });
    await pause(0);
    take(watch('in its place'));
    expect(hangUps).toBe(0);
    take(watch('one too many'));
    expect(hangUps).toBe(1);
  });
});
