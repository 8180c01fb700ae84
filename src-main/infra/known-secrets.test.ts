import { describe, expect, it } from 'vitest';
import { createKnownSecrets } from './known-secrets.ts';

const SECRET = 'pä"ss\\w&rd + 7';

describe('texts for the log', () => {
  it('lose the secrets that are in use, however they are written down', () => {
    const secrets = createKnownSecrets();
    secrets.add([SECRET]);
    const bytes = Buffer.from(SECRET);
    const texts = [
      SECRET,
      JSON.stringify({ password: SECRET }),
      JSON.stringify(JSON.stringify({ password: SECRET })),
      encodeURIComponent(SECRET),
      new URLSearchParams({ password: SECRET }).toString(),
      bytes.toString('hex'),
      bytes.toString('base64'),
      bytes.toString('base64url'),
      ...['a', 'ab', 'abc'].map((login) => Buffer.from(`${login}:${SECRET} and more`).toString('base64')),
    ];
    for (const text of texts) {
      const clean = secrets.redact(`before ${text} after`);
      expect(clean).toMatch(/^before .*\[secret\].* after$/);
    }
  });

  it('keep what is no secret any more, and lose it as long as somebody uses it', () => {
    const secrets = createKnownSecrets();
    const first = secrets.add([SECRET]);
    const second = secrets.add([SECRET]);
    first();
    first();
    expect(secrets.redact(SECRET)).toBe('[secret]');
    second();
    expect(secrets.redact(SECRET)).toBe(SECRET);
  });

  it('lose a longer secret whole, and are not torn by a very short one', () => {
    const secrets = createKnownSecrets();
    secrets.add(['of the', 'key of the house', 'a', '']);
    expect(secrets.redact('the key of the house is a key')).toBe('the [secret] is a key');
  });

  it.each([
    [`td_${'k'.repeat(43)} was refused`, '[secret] was refused'],
    [`token tdo_${'k'.repeat(43)}`, 'token [secret]'],
    ['connect postgres://asha:hunter2@db:5432/td', 'connect postgres://asha:[secret]@db:5432/td'],
    ['authorization: Bearer abcdefgh.ijkl', 'authorization: Bearer [secret]'],
    ['-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- rest', '[secret] rest'],
    ['a tenant td_ok at https://example.com:8443/x', 'a tenant td_ok at https://example.com:8443/x'],
  ])('lose what looks like one: %s', (text, clean) => {
    expect(createKnownSecrets().redact(text)).toBe(clean);
  });
});
