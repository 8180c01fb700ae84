import { expect, it } from 'vitest';
import { readKeys, type KeysEntry } from './keys-entry.ts';

const NEW = 'correct horse';
const entry = (over: Partial<KeysEntry>): KeysEntry => ({
  hasPassphrase: true,
  current: 'the one before',
  passphrase: '',
  again: '',
  remove: false,
  keychain: true,
  ...over,
});

it.each<[string, Partial<KeysEntry>, object]>([
  ['fresh keys of the same kind', {}, { passphrase: { kind: 'keep' }, keychain: true }],
  ['another passphrase', { passphrase: NEW, again: NEW }, { passphrase: { kind: 'set', value: NEW } }],
  ['no keychain any more', { keychain: false }, { passphrase: { kind: 'keep' }, keychain: false }],
  ['no passphrase any more', { remove: true }, { passphrase: { kind: 'remove' }, keychain: true }],
  [
    'a first passphrase',
    { hasPassphrase: false, current: '', passphrase: NEW, again: NEW },
    { current: null, passphrase: { kind: 'set', value: NEW } },
  ],
])('takes %s', (_what, over, input) => {
  expect(readKeys(entry(over))).toMatchObject({ ok: true, input });
});

it.each<[Partial<KeysEntry>, object]>([
  [{ current: '' }, { current: expect.stringContaining('has now') }],
  [{ remove: true, keychain: false }, { passphrase: expect.stringContaining('only key') }],
  [{ hasPassphrase: false, current: '', keychain: false }, { passphrase: expect.stringContaining('only key') }],
  [{ passphrase: 'short', again: 'short' }, { passphrase: expect.stringContaining('5 characters') }],
  [{ passphrase: NEW, again: 'correct hors' }, { again: expect.stringContaining('another') }],
])('says what is wrong: %j', (over, problems) => {
  expect(readKeys(entry(over))).toMatchObject({ ok: false, ...problems });
});
