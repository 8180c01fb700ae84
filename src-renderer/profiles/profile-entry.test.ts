import { expect, it } from 'vitest';
import { FIRST_ENTRY, readProfile, type ProfileEntry } from './profile-entry.ts';
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
      database: {
        host: 'db.example.com',
        port: 5432,
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
