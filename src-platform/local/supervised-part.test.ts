import { expect, test } from 'vitest';
import type { Child, ChildExit } from '../process/child.ts';
import { superviseChild } from './supervised-part.ts';

/** A child that ends when it is told to. */
function fakeChild(pid: number) {
  const { promise: exited, resolve: end } = Promise.withResolvers<ChildExit>();
  const stop = () => {
    end({ code: 0, signal: null });
    return Promise.resolve();
  };
  const child: Child = { name: 'part', pid, readyLine: '', pipes: [], exited, stop, kill: stop };
  return { child, end };
}

test('a part that ends unasked is started again, also when the first tries fail; then it stays stopped', async () => {
  const first = fakeChild(1);
  const second = fakeChild(2);
  const starts = [
    () => first.child,
    () => {
      throw new Error('port is taken');
    },
    () => second.child,
  ];
  const said: string[] = [];
  const { promise: again, resolve: startedAgain } = Promise.withResolvers<void>();
  const part = await superviseChild({
    name: 'The part',
    start: () => Promise.try(() => starts.shift()!()),
    say: (sentence) => said.push(sentence),
    onStarted: ({ pid }) => pid === 2 && startedAgain(),
  });
  expect(part.child.pid).toBe(1);
  first.end({ code: null, signal: 'SIGKILL' });
  await again;
  expect(part.child.pid).toBe(2);
  expect(said).toEqual(['The part ended unexpectedly (SIGKILL); starting it again.', 'port is taken']);
  await part.stop();
  await part.stop();
  expect(starts).toEqual([]);
});

test('a part that cannot start at all is reported to who asked for it', async () => {
  const start = () => Promise.reject(new Error('no such program'));
  await expect(superviseChild({ name: 'The part', start, say: () => undefined })).rejects.toThrow('no such program');
});
