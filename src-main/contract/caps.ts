import { z } from 'zod';
import { base } from './errors.ts';
import { capNanoUsd, nanoUsd } from './money.ts';

/** Versions are counted in 32 bits. */
const MAX_VERSION = 2_147_483_647;

/** percent: raise by so many percent of the limit in `expectedVersion`, rounded up to a whole cent. set: a new limit. */
export const capChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('percent'), percent: z.int().min(1).max(1000) }),
  z.object({ kind: z.literal('set'), limitNanoUsd: capNanoUsd }),
]);

export const changeCapInput = z.object({
  tenantId: z.uuid(),
  capId: z.uuid(),
  /** The version the operator saw; another one in the database is a conflict, never overwritten. */
  expectedVersion: z.int().min(1).max(MAX_VERSION),
  /** Made once a click: the same change sent twice has one effect. */
  idempotencyKey: z.uuid(),
  change: capChange,
  reason: z
    .string()
    .trim()
    .max(500)
    .refine((text) => !text.includes('\u0000'), 'Has a character that no keyboard types')
    .optional(),
});

export const changeCapOutput = z.object({
  tenantId: z.uuid(),
  capId: z.uuid(),
  version: z.int(),
  limitNanoUsd: nanoUsd,
  previousLimitNanoUsd: nanoUsd,
  committedNanoUsd: nanoUsd,
  /** below_committed: allowed, and every call is refused until the period ends or the cap is raised. */
  warning: z.enum(['below_committed']).nullable(),
  changedAt: z.date(),
});

export const caps = {
  /** Changes a cap; answers when the database has committed it, and every gateway has been told. */
  change: base.input(changeCapInput).output(changeCapOutput),
};

export type ChangeCapInput = z.infer<typeof changeCapInput>;
export type ChangeCapOutput = z.infer<typeof changeCapOutput>;
