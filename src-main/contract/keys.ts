import { z } from 'zod';
import { base } from './errors.ts';
import { idempotencyKey, expectedVersion, named, reason } from './changes.ts';

/** Longest overlap of a rotation: 30 days. */
export const MOST_OVERLAP_SECONDS = 30 * 86_400;

/** A gateway key of a tenant, without its secret: that is shown once, when it is made. */
export const tenantKey = z.object({
  keyId: z.uuid(),
  name: z.string(),
  /** The beginning and the end of the secret in force: "td_Ab3x", "9f3c". */
  prefix: z.string(),
  last4: z.string(),
  /** Where calls are booked that name no workflow. */
  workflowName: z.string().nullable(),
  version: z.int(),
  createdAt: z.date(),
  /** Login; null: set up with the platform. */
  createdBy: z.string().nullable(),
  /** Of its last call in the ledger, up to a minute behind; null: never. */
  lastUsedAt: z.date().nullable(),
  /** The secret it had before, while that is still accepted. */
  previous: z.object({ last4: z.string(), until: z.date() }).nullable(),
  revoked: z.object({ at: z.date(), by: z.string().nullable() }).nullable(),
});

export const keyName = named('A key’s name');

export const issueKeyInput = z.object({
  tenantId: z.uuid(),
  name: keyName,
  workflowId: z.uuid().nullable(),
  idempotencyKey,
});

export const rotateKeyInput = z.object({
  tenantId: z.uuid(),
  keyId: z.uuid(),
  /** So long the secret it has now stays accepted beside the new one. */
  overlapSeconds: z.int().min(0).max(MOST_OVERLAP_SECONDS),
  expectedVersion,
  idempotencyKey,
});

export const revokeKeyInput = z.object({
  tenantId: z.uuid(),
  keyId: z.uuid(),
  expectedVersion,
  idempotencyKey,
  reason,
});

/** A secret, told once: nobody can ask for it again. */
export const issuedKey = z.object({ tenantId: z.uuid(), keyId: z.uuid(), secret: z.string() });

export const rotatedKey = issuedKey.extend({
  /** Until then the old secret is accepted. */
  previousUntil: z.date(),
});

export const keys = {
  /** A tenant's keys: those that work, the newest first, then the revoked ones. */
  list: base.input(z.object({ tenantId: z.uuid() })).output(z.object({ keys: z.array(tenantKey), asOf: z.date() })),
  issue: base.input(issueKeyInput).output(issuedKey),
  rotate: base.input(rotateKeyInput).output(rotatedKey),
  /** Ends a key for good, with all its secrets. */
  revoke: base.input(revokeKeyInput).output(z.object({ tenantId: z.uuid(), keyId: z.uuid(), revokedAt: z.date() })),
};

export type TenantKey = z.infer<typeof tenantKey>;
export type IssueKeyInput = z.infer<typeof issueKeyInput>;
export type RotateKeyInput = z.infer<typeof rotateKeyInput>;
export type RevokeKeyInput = z.infer<typeof revokeKeyInput>;
export type IssuedKey = z.infer<typeof issuedKey>;
export type RotatedKey = z.infer<typeof rotatedKey>;
