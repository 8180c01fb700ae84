import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { expect, test } from 'vitest';
import { scramVerifier } from './scram-verifier.ts';

test('the verifier proves the password and does not hold it', () => {
  const verifier = scramVerifier('open sesame');
  const [, salt = '', storedKey] = /^SCRAM-SHA-256\$4096:([^$]+)\$([^:]+):.+$/.exec(verifier) ?? [];
  const salted = pbkdf2Sync('open sesame', Buffer.from(salt, 'base64'), 4_096, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  expect(createHash('sha256').update(clientKey).digest('base64')).toBe(storedKey);
  expect(verifier).not.toContain('sesame');
  expect(scramVerifier('open sesame')).not.toBe(verifier);
});
