import { z } from 'zod';
import { base } from './errors.ts';

/** Ids are counted in 64 bits with a sign. */
const MAX_ID = 9_223_372_036_854_775_807n;

export const auditEntry = z.object({
  id: z.bigint(),
  at: z.date(),
  tenantId: z.uuid().nullable(),
  tenantName: z.string().nullable(),
  login: z.string(),
  operatorName: z.string().nullable(),
  action: z.string(),
  target: z.string().nullable(),
  /** JSON text of the thing before and after; never a secret. */
  before: z.string().nullable(),
  after: z.string().nullable(),
  reason: z.string().nullable(),
});

export const auditPage = z.object({
  entries: z.array(auditEntry),
  /** Give it as `before` to read on; null: that was all. */
  next: z.bigint().nullable(),
  asOf: z.date(),
});

export const audit = {
  /** Entries this operator may see, newest first. */
  list: base
    .input(
      z.object({
        tenantId: z.uuid().optional(),
        before: z.bigint().min(0n).max(MAX_ID).optional(),
        limit: z.int().min(1).max(200).default(50),
      }),
    )
    .output(auditPage),
};

export type AuditEntry = z.infer<typeof auditEntry>;
export type AuditPage = z.infer<typeof auditPage>;
