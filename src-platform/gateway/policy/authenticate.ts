import { hash } from 'node:crypto';
import type { KeySecret, Policy, TenantPolicy } from './policy.ts';

/** Who calls: the key's tenant and the key. */
export interface Caller {
  readonly tenant: TenantPolicy;
  readonly secret: KeySecret;
  /** Of the key as it was presented, hexadecimal. */
  readonly digest: string;
}

/** How a key stands. `caller`: whose key it was, for the operator's list; undefined when nobody's. */
export type Standing =
  | { readonly kind: 'caller'; readonly caller: Caller }
  | { readonly kind: 'failed'; readonly code: 'key_unknown' | 'key_revoked'; readonly caller?: Caller };

export type Authenticated = Standing | { readonly kind: 'ambiguous' };

/** The headers that say who calls; both at once must not contradict each other. */
const CREDENTIAL_HEADERS = new Set(['authorization', 'x-api-key']);
const LONGEST_CREDENTIAL = 512;
const NOBODY = '';

/**
 * Finds the caller by the SHA-256 of the key. Every failure takes the same steps: one digest, one look-up.
 * `rawHeaders`: names and values in turn, as they came, so that a header given twice is seen.
 */
export function authenticate(policy: Policy, rawHeaders: readonly string[], at: number): Authenticated {
  const presented = presentedKey(rawHeaders);
  if (presented === undefined) return { kind: 'ambiguous' };
  return standingOf(policy, hash('sha256', presented, 'hex'), at);
}

/** The key with that SHA-256, and its tenant, as the policy has them now. */
export function standingOf(policy: Policy, digest: string, at: number): Standing {
  const secret = policy.secret(digest);
  const tenant = secret === undefined ? undefined : policy.tenant(secret.tenantId);
  if (secret === undefined || tenant === undefined) return { kind: 'failed', code: 'key_unknown' };
  const caller = { tenant, secret, digest };
  const over = secret.validUntil !== null && secret.validUntil <= at;
  if (secret.revokedAt !== null || over) return { kind: 'failed', code: 'key_revoked', caller };
  if (secret.validFrom > at) return { kind: 'failed', code: 'key_unknown' };
  return { kind: 'caller', caller };
}

/** The key as presented, empty when there is none; undefined when two headers name two. */
export function presentedKey(rawHeaders: readonly string[]): string | undefined {
  let found: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (!CREDENTIAL_HEADERS.has(name)) continue;
    if (found !== undefined) return undefined;
    const value = rawHeaders[index + 1] ?? '';
    found = name === 'authorization' ? bearer(value) : value.trim();
  }
  return found === undefined || found.length > LONGEST_CREDENTIAL ? NOBODY : found;
}

function bearer(value: string): string {
  return /^bearer +(\S+)$/i.exec(value.trim())?.[1] ?? NOBODY;
}
