import { expect, it } from 'vitest';
import { entryOf, FIRST_ENTRY, readProfile, type ProfileEntry } from './profile-entry.ts';
import { FIRST_TRUST } from './trust-entry.ts';

const whole: ProfileEntry = {
  ...FIRST_ENTRY,
  name: ' Production ',
  host: 'db.example.com ',
  login: 'asha',
  password: ' as typed ',
  gateway: 'https://gateway.example.com',
  token: 'tdo_x ',
};

const UNTRUSTING = { ca: null, serverName: null, certificate: null, key: null };

it('reads a connection, the password as it was typed', () => {
  expect(readProfile(whole)).toEqual({
    ok: true,
    input: {
      name: 'Production',
      kind: 'production',
      colour: 'royalblue',
      of: null,
      database: {
        host: 'db.example.com',
        port: 5432,
        direct: null,
        name: 'tenantdesk',
        login: 'asha',
        password: ' as typed ',
        tls: 'verify',
        ...UNTRUSTING,
      },
      gateway: { url: 'https://gateway.example.com', token: 'tdo_x', tls: 'verify', ...UNTRUSTING },
    },
  });
});

it.each<[Partial<ProfileEntry>, string]>([
  [{ name: ' ' }, 'name'],
  [{ port: '70000' }, 'port'],
  [{ port: '54e2' }, 'port'],
  [{ gateway: 'gateway.example.com' }, 'gateway'],
  [{ gateway: 'ftp://x' }, 'gateway'],
  [{ password: '' }, 'password'],
  [{ databaseTrust: { ...FIRST_TRUST, tls: 'encrypt' } }, 'databaseTrust'],
  [{ gatewayTrust: { ...FIRST_TRUST, tls: 'verify_ca', ca: 'x' } }, 'gatewayTrust'],
])('says what is wrong with %j', (part, field) => {
  const read = readProfile({ ...whole, ...part });
  expect(read.ok ? [] : Object.keys(read.problems)).toEqual([field]);
});

it('takes a weaker way that was ticked', () => {
  const databaseTrust = { ...FIRST_TRUST, tls: 'encrypt' as const, accepted: true, ca: ' pasted ' };
  expect(readProfile({ ...whole, databaseTrust })).toMatchObject({
    ok: true,
    input: { database: { tls: 'encrypt', ca: 'pasted', key: null } },
  });
});

it('sends no secret of a kept connection again, and needs none', () => {
  const kept = { id: 'an id', revision: 3, tokenLast4: 'wxyz' };
  const { database, gateway, ...look } = { ...whole, password: '', token: '' };
  expect(readProfile({ ...look, database, gateway }, kept)).toMatchObject({
    ok: true,
    input: { of: { id: 'an id', revision: 3 }, database: { password: null }, gateway: { token: null } },
  });
});

it('shows a kept connection as it was entered, a weaker way of a file unticked', () => {
  const direct = { host: 'pg.example.com', port: 6543 };
  const read = readProfile({ ...whole, directHost: direct.host, directPort: '6543' });
  if (!read.ok) throw new Error('It is whole.');
  const { of: _of, ...draft } = read.input;
  const weak = { ...draft, database: { ...draft.database, tls: 'encrypt' as const } };
  expect(readProfile(entryOf(weak, true), { id: 'x', revision: 1, tokenLast4: '' })).toMatchObject({
    ok: true,
    input: { database: { direct, tls: 'encrypt', host: 'db.example.com' } },
  });
  expect(entryOf(weak, false).databaseTrust.accepted).toBe(false);
});
