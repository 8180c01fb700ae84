import { expect, it } from 'vitest';
import { FIRST_ENTRY, readProfile, type ProfileEntry } from './profile-entry.ts';

const whole: ProfileEntry = {
  ...FIRST_ENTRY,
  name: ' Production ',
  host: 'db.example.com ',
  login: 'asha',
  password: ' as typed ',
  gateway: 'https://gateway.example.com',
  token: 'tdo_x ',
};

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
      },
      gateway: { url: 'https://gateway.example.com', token: 'tdo_x' },
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
])('says what is wrong with %j', (part, field) => {
  const read = readProfile({ ...whole, ...part });
  expect(read.ok ? [] : Object.keys(read.problems)).toEqual([field]);
});
