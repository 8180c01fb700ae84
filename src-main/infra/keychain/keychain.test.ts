import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createFakeClock } from '../../testing/fake-clock.ts';
import { createKeychain, KeychainTrouble, type KeychainFault, type KeychainLibrary } from './keychain.ts';

const key = randomBytes(32);

/** A library over a map; `over` says what it does otherwise. */
function library(over: Partial<KeychainLibrary> = {}): KeychainLibrary {
  const kept = new Map<string, string>();
  return {
    getPassword: async (service, account) => kept.get(`${service}/${account}`) ?? null,
    setPassword: async (service, account, password) => void kept.set(`${service}/${account}`, password),
    deletePassword: async (service, account) => kept.delete(`${service}/${account}`),
    ...over,
  };
}
const failing = (message: string): KeychainLibrary => {
  const fail = () => Promise.reject(new Error(message));
  return library({ getPassword: fail, setPassword: fail, deletePassword: fail });
};

it('keeps a key, gives it back and forgets it', async () => {
  const made = library();
  const keychain = createKeychain({ load: async () => made, clock: createFakeClock() });
  await keychain.keep('one', key);
  expect((await keychain.get('one'))?.equals(key)).toBe(true);
  expect(await keychain.get('two')).toBeNull();
  await keychain.forget('one');
  expect(await keychain.get('one')).toBeNull();
});

// What keytar and libsecret really said, of each state.
it.each<[string, () => Promise<KeychainLibrary>, KeychainFault]>([
  ['no library', () => Promise.reject(new Error('libsecret-1.so.0: cannot open shared object file')), 'no_library'],
  ['no bus', async () => failing('Cannot autolaunch D-Bus without X11 $DISPLAY'), 'no_service'],
  ['no address of a bus', async () => failing('The given address is empty'), 'no_service'],
  ['a bus that is gone', async () => failing('Could not connect: Connection refused'), 'no_service'],
  [
    'no keyring yet',
    async () => failing('Object does not exist at path “/org/freedesktop/secrets/collection/login”'),
    'not_ready',
  ],
  ['no library for the process that asks', async () => failing('Cannot find module keytar'), 'no_library'],
  [
    'no service',
    async () => failing('The name org.freedesktop.secrets was not provided by any .service files'),
    'no_service',
  ],
  ['locked', async () => failing('Cannot create an item in a locked collection'), 'locked'],
  ['denied', async () => failing('The operation was cancelled by the user'), 'denied'],
  [
    'another value comes back',
    async () => library({ getPassword: async () => randomBytes(32).toString('base64') }),
    'unfaithful',
  ],
  ['nothing comes back', async () => library({ getPassword: async () => null }), 'unfaithful'],
  ['something else', async () => failing('Unknown failure 17'), 'other'],
])('%s: no key is trusted to it, and a sentence says so', async (_state, load, fault) => {
  const clock = createFakeClock();
  const refused = await createKeychain({ load, clock })
    .keep('one', key)
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(KeychainTrouble);
  expect(refused).toMatchObject({ fault, message: expect.stringMatching(/^[A-Z].*\.\)?\.?$/) });
  expect(clock.timers).toBe(0);
});

it('tells a locked one, which has nothing to tell, from one that has no key', async () => {
  const refuses = () => Promise.reject(new Error('Cannot create an item in a locked collection'));
  const ask = (made: KeychainLibrary) =>
    createKeychain({ load: async () => made, clock: createFakeClock() }).get('one');
  await expect(ask(library({ setPassword: refuses }))).rejects.toMatchObject({ fault: 'locked' });
  const kept = new Map<string, string>();
  const whole = library({ setPassword: async (_service, account, password) => void kept.set(account, password) });
  expect(await ask(whole)).toBeNull();
});

it('gives up on one that says nothing, and asks again when it is asked again', async () => {
  const clock = createFakeClock();
  const answers: (() => Promise<string | null>)[] = [() => new Promise(() => undefined), async () => null];
  const made = library({ getPassword: () => answers.shift()!() });
  const keychain = createKeychain({ load: async () => made, clock });
  const asked = keychain.get('one').catch((error: unknown) => error);
  await clock.advance(5_000);
  expect(await asked).toMatchObject({ fault: 'silent' });
  expect(await keychain.get('one')).toBeNull();
});
