import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createKeySecrets, type SecretParts } from './key-secrets.ts';

const clock = createFakeClock();
const secrets = createKeySecrets({ randomBytes, clock });
const make = (key: string) => secrets.withSecret(key, async (parts: SecretParts) => parts);

describe('a secret', () => {
  it('has 256 random bits, and the platform gets its digest, its beginning and its end', async () => {
    const { secret, answer } = await make('a');
    expect(secret).toMatch(/^td_[\w-]{43}$/);
    expect(Buffer.from(secret.slice(3), 'base64url')).toHaveLength(32);
    expect(answer).toEqual({
      digest: createHash('sha256').update(secret).digest('hex'),
      prefix: secret.slice(0, 7),
      last4: secret.slice(-4),
    });
  });

  it('is the same for the same click, also after a failure, and another for another', async () => {
    const lost = secrets.withSecret('b', async ({ digest }) => Promise.reject(new Error(digest)));
    const digest = await lost.catch((error: Error) => error.message);
    expect((await make('b')).answer.digest).toBe(digest);
    expect((await make('c')).answer.digest).not.toBe(digest);
  });

  it('is forgotten after two minutes, and when the console ends', async () => {
    const first = await make('d');
    await clock.advance(120_000);
    const second = await make('d');
    expect(second.secret).not.toBe(first.secret);
    secrets.close();
    expect((await make('d')).secret).not.toBe(second.secret);
    secrets.close();
    expect(clock.timers).toBe(0);
  });
});
