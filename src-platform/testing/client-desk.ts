import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { callPlatform } from './call-platform.ts';
import type { TestDatabase } from './test-database.ts';

/** What a function that makes or changes a client or a key answers; absent what it does not tell. */
export interface ClientChanged {
  tenantId: string;
  keyId: string;
  capId: string;
  version: number;
  status: string;
  auditId: number;
  changedAt: string;
  previousUntil: string | null;
}

type Who = { readonly url: string };

/** Creates, suspends and resumes clients and handles their keys as operators do, by the platform's functions. */
export interface ClientDesk {
  create(who: Who, input?: Record<string, unknown>, key?: string): Promise<ClientChanged>;
  setStatus(
    who: Who,
    change: { tenantId: string; status: string; version?: number; key?: string },
  ): Promise<ClientChanged>;
  issue(who: Who, change: { tenantId: string; name?: string; secret?: string; key?: string }): Promise<ClientChanged>;
  rotate(
    who: Who,
    change: {
      tenantId: string;
      keyId: string;
      overlapSeconds: number | null;
      secret?: string;
      version?: number;
      key?: string;
    },
  ): Promise<ClientChanged>;
  revoke(who: Who, change: { tenantId: string; keyId: string; version?: number; key?: string }): Promise<ClientChanged>;
}

export const newSecret = (): string => `td_${randomBytes(32).toString('base64url')}`;

/** What the database learns of a secret. */
export function partsOf(secret: string): { digest: string; prefix: string; last4: string } {
  return {
    digest: createHash('sha256').update(secret).digest('hex'),
    prefix: secret.slice(0, 7),
    last4: secret.slice(-4),
  };
}

/** A valid new client; give what the test is about. */
export function clientInput(change: Record<string, unknown> = {}): Record<string, unknown> {
  const slug = `client-${randomBytes(4).toString('hex')}`;
  return {
    name: `The ${slug}`,
    slug,
    currency: 'INR',
    timeZone: 'Asia/Kolkata',
    plan: 'pro',
    capNanoUsd: 25_000_000_000,
    thresholds: [50, 80, 95, 100],
    key: { name: 'website bot', ...partsOf(newSecret()) },
    ...change,
  };
}

export function createClientDesk(db: TestDatabase): ClientDesk {
  const ask = (who: Who, call: string, values: unknown[]): Promise<ClientChanged> =>
    callPlatform(db.connect(who.url), call, values);
  return {
    create: (who, input = clientInput(), key = randomUUID()) =>
      ask(who, 'create_tenant($1, $2)', [JSON.stringify(input), key]),
    setStatus: (who, { tenantId, status, version = 1, key = randomUUID() }) =>
      ask(who, 'set_tenant_status($1, $2, $3, $4, null)', [tenantId, status, version, key]),
    issue(who, { tenantId, name = 'further bot', secret = newSecret(), key = randomUUID() }) {
      const { digest, prefix, last4 } = partsOf(secret);
      return ask(who, 'issue_key($1, $2, $3, $4, $5, null, $6)', [tenantId, name, digest, prefix, last4, key]);
    },
    rotate(who, { tenantId, keyId, overlapSeconds, secret = newSecret(), version = 1, key = randomUUID() }) {
      const { digest, prefix, last4 } = partsOf(secret);
      const values = [tenantId, keyId, digest, prefix, last4, overlapSeconds, version, key];
      return ask(who, 'rotate_key($1, $2, $3, $4, $5, $6, $7, $8, null)', values);
    },
    revoke: (who, { tenantId, keyId, version = 1, key = randomUUID() }) =>
      ask(who, 'revoke_key($1, $2, $3, $4, null)', [tenantId, keyId, version, key]),
  };
}
