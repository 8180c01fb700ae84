import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base } from './errors.ts';
import { nanoUsd } from './money.ts';

/** What a gateway that fell silent still holds of a tenant's caps: shown, never silently free. */
export const orphanedGrant = z.object({
  tenantId: z.uuid(),
  tenantName: z.string(),
  grantId: z.uuid(),
  gatewayName: z.string(),
  /** When the gateway was heard last. */
  silentSince: z.date(),
  /** Until then a gateway that lost the database alone may still be spending it. */
  spentUntil: z.date(),
  heldNanoUsd: nanoUsd,
});

export const orphanedGrants = z.object({
  grants: z.array(orphanedGrant),
  /** When the database answered; null: it has not yet. */
  asOf: z.date().nullable(),
});

export const releaseGrantInput = z.object({
  tenantId: z.uuid(),
  grantId: z.uuid(),
  /** Made once a click: the same release sent twice has one effect. */
  idempotencyKey: z.uuid(),
});

export const releaseGrantOutput = z.object({
  tenantId: z.uuid(),
  grantId: z.uuid(),
  gatewayName: z.string(),
  /** What went back to the caps. */
  releasedNanoUsd: nanoUsd,
  releasedAt: z.date(),
});

export const grants = {
  /** The orphaned grants of all tenants this operator may see; a new value at each change. */
  watchOrphaned: base.output(eventIterator(orphanedGrants)),
  /** Gives back what an orphaned grant was not charged, and closes it. */
  release: base.input(releaseGrantInput).output(releaseGrantOutput),
};

export type OrphanedGrant = z.infer<typeof orphanedGrant>;
export type OrphanedGrants = z.infer<typeof orphanedGrants>;
export type ReleaseGrantInput = z.infer<typeof releaseGrantInput>;
export type ReleaseGrantOutput = z.infer<typeof releaseGrantOutput>;
