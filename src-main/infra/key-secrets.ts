import { createHash } from 'node:crypto';
import type { Clock } from './clock.ts';

/** What the platform gets of a secret: enough to know it again and to name it, not to use it. */
export interface SecretParts {
  /** SHA-256 of the whole text, hexadecimal. */
  readonly digest: string;
  readonly prefix: string;
  readonly last4: string;
}

/** Makes gateway keys' secrets: "td_" and 256 random bits. */
export interface KeySecrets {
  /**
   * Sends a change that carries a new secret and answers with both. The same idempotency key gets the same secret again for two
   * minutes, so that a click that was sent twice, or whose answer was lost, shows the secret that the platform knows.
   */
  withSecret<Answer>(
    idempotencyKey: string,
    send: (parts: SecretParts) => Promise<Answer>,
  ): Promise<{ readonly secret: string; readonly answer: Answer }>;
  /** Forgets all. */
  close(): void;
}

const REMEMBERED_MS = 120_000;
const SECRET_BYTES = 32;
const SHOWN_OF_PREFIX = 'td_'.length + 4;

export function createKeySecrets(ports: {
  readonly randomBytes: (bytes: number) => Buffer;
  readonly clock: Pick<Clock, 'after'>;
}): KeySecrets {
  const remembered = new Map<string, { readonly secret: string; readonly cancel: () => void }>();

  function secretFor(idempotencyKey: string): string {
    const known = remembered.get(idempotencyKey);
    if (known) return known.secret;
    const secret = `td_${ports.randomBytes(SECRET_BYTES).toString('base64url')}`;
    const cancel = ports.clock.after(REMEMBERED_MS, () => remembered.delete(idempotencyKey));
    remembered.set(idempotencyKey, { secret, cancel });
    return secret;
  }

  return {
    async withSecret(idempotencyKey, send) {
      const secret = secretFor(idempotencyKey);
      const digest = createHash('sha256').update(secret).digest('hex');
      return {
        secret,
        answer: await send({ digest, prefix: secret.slice(0, SHOWN_OF_PREFIX), last4: secret.slice(-4) }),
      };
    },
    close() {
      for (const { cancel } of remembered.values()) cancel();
      remembered.clear();
    },
  };
}
