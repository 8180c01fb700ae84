import { EventEmitter } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { createKnownSecrets } from '../infra/known-secrets.ts';
import { catchFailures } from './catch-failures.ts';
import { createLifetime } from './lifetime.ts';

const PASSWORD = 'hunter2-hunter2';
afterEach(() => vi.useRealTimers());

function make() {
  // The lifetime looks for its parent by a timer.
  vi.useFakeTimers();
  const pretended = Object.assign(new EventEmitter(), { ppid: 1 });
  const lifetime = createLifetime({ process: pretended, say: () => undefined });
  const secrets = createKnownSecrets();
  // As an open platform does: forgotten when it is closed, which is before a dialog is shown.
  lifetime.onClose('platform', secrets.add([PASSWORD]));
  return { pretended, lifetime, fail: catchFailures({ process: pretended, lifetime, secrets }) };
}

it.each(['uncaughtException', 'unhandledRejection'])('an %s is told without the secrets in use', async (event) => {
  const { pretended, lifetime } = make();
  pretended.emit(event, new Error(`connect postgres://anna:${PASSWORD}@db failed, password ${PASSWORD}`));
  expect(await lifetime.begun).toEqual({
    exitCode: 1,
    message: 'connect postgres://anna:[secret]@db failed, password [secret]',
  });
  expect(JSON.stringify(await lifetime.over)).not.toContain(PASSWORD);
});

it('so is what was caught, also when it is no error', async () => {
  const { lifetime, fail } = make();
  fail(`Bearer ${PASSWORD}`);
  expect((await lifetime.over).message).toBe('Bearer [secret]');
});
