import { expect, it } from 'vitest';
import { readSetUp } from './set-up-entry.ts';

it('takes the keychain alone, or a passphrase that was typed twice alike', () => {
  expect(readSetUp({ passphrase: '', again: '', keychain: true })).toEqual({
    ok: true,
    input: { passphrase: null, keychain: true },
  });
  const passphrase = 'correct horse';
  expect(readSetUp({ passphrase, again: passphrase, keychain: false })).toEqual({
    ok: true,
    input: { passphrase, keychain: false },
  });
});

it.each([
  [
    { passphrase: '', again: '', keychain: false },
    { passphrase: 'Enter a passphrase.', again: null },
  ],
  [
    { passphrase: 'short', again: 'short', keychain: true },
    { passphrase: expect.stringContaining('5 characters'), again: null },
  ],
  [
    { passphrase: 'correct horse', again: 'correct hors', keychain: true },
    { passphrase: null, again: expect.stringContaining('another') },
  ],
])('says what is wrong: %j', (entry, problems) => {
  expect(readSetUp(entry)).toEqual({ ok: false, ...problems });
});
