import { z } from 'zod';
import { expectedVersion, idempotencyKey, reason } from './changes.ts';
import { base } from './errors.ts';
import { capNanoUsd, nanoUsd } from './money.ts';

/** percent: raise by so many percent of the limit in `expectedVersion`, rounded up to a whole cent. set: a new limit. */
export const capChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('percent'), percent: z.int().min(1).max(1000) }),
  z.object({ kind: z.literal('set'), limitNanoUsd: capNanoUsd }),
]);

/** What every change of a cap names. */
const changed = {
  tenantId: z.uuid(),
  capId: z.uuid(),
  expectedVersion,
  idempotencyKey,
};

export const changeCapInput = z.object({ ...changed, change: capChange, reason });

/** `expectedVersion`: the one that the change to be undone made. */
export const undoCapInput = z.object(changed);

/** A date and hour as a calendar and clock show it, without a zone: "2026-11-30T18:00". */
const localDateTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/)
  .refine((text) => {
    const at = new Date(`${text}:00.000Z`);
    return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
  }, 'No such date');

/** When a temporary raise ends: with the running period, at a date and hour in the tenant's zone, or when somebody removes it. */
export const overrideEnd = z.discriminatedUnion('until', [
  z.object({ until: z.literal('period_end') }),
  z.object({ until: z.literal('date'), localDateTime }),
  z.object({ until: z.literal('removed') }),
]);

export const addOverrideInput = z.object({ ...changed, amountNanoUsd: capNanoUsd.min(1n), end: overrideEnd, reason });

export const removeOverrideInput = z.object({
  tenantId: z.uuid(),
  overrideId: z.uuid(),
  idempotencyKey,
  reason,
});

const capAnswer = z.object({
  tenantId: z.uuid(),
  capId: z.uuid(),
  version: z.int(),
  /** Of the cap itself. */
  limitNanoUsd: nanoUsd,
  previousLimitNanoUsd: nanoUsd,
  /** What its overrides add to it now. */
  overrideNanoUsd: nanoUsd,
  committedNanoUsd: nanoUsd,
  /** below_committed: allowed, and every call is refused until the period ends or the cap is raised. */
  warning: z.enum(['below_committed']).nullable(),
  changedAt: z.date(),
  /** The raise passes the operator's limit: nothing changed yet, a second person decides; null: it was made. */
  waiting: z.object({ pendingId: z.uuid(), amountNanoUsd: nanoUsd, expiresAt: z.date() }).nullable(),
});

/** `undoForMs`: so long after `changedAt`, by the platform's clock, the same operator can undo it; null: never. */
export const changeCapOutput = capAnswer.extend({ undoForMs: z.int().nullable() });

export const changeOverrideOutput = capAnswer.extend({
  /** Null: it waits for a second person. */
  overrideId: z.uuid().nullable(),
  amountNanoUsd: nanoUsd,
  /** Null: until removed. */
  endsAt: z.date().nullable(),
});

/** A temporary raise that is in force. */
export const capOverride = z.object({
  overrideId: z.uuid(),
  amountNanoUsd: nanoUsd,
  until: z.enum(['period_end', 'date', 'removed']),
  endsAt: z.date().nullable(),
  createdAt: z.date(),
  /** Login; null: the operator may not see who. */
  createdBy: z.string().nullable(),
  reason: z.string().nullable(),
});

export const caps = {
  /** Changes a cap; answers when the database has committed it, and every gateway has been told. */
  change: base.input(changeCapInput).output(changeCapOutput),
  /** Takes the operator's own last change of a cap back. */
  undo: base.input(undoCapInput).output(changeCapOutput),
  /** Raises a cap for a time; the cap itself is untouched. */
  addOverride: base.input(addOverrideInput).output(changeOverrideOutput),
  removeOverride: base.input(removeOverrideInput).output(changeOverrideOutput),
  /** The overrides in force, the first to end first. */
  overrides: base
    .input(z.object({ tenantId: z.uuid(), capId: z.uuid() }))
    .output(z.object({ overrides: z.array(capOverride) })),
};

export type ChangeCapInput = z.infer<typeof changeCapInput>;
export type UndoCapInput = z.infer<typeof undoCapInput>;
export type AddOverrideInput = z.infer<typeof addOverrideInput>;
export type RemoveOverrideInput = z.infer<typeof removeOverrideInput>;
export type ChangeCapOutput = z.infer<typeof changeCapOutput>;
export type ChangeOverrideOutput = z.infer<typeof changeOverrideOutput>;
export type CapOverride = z.infer<typeof capOverride>;
export type OverrideEnd = z.infer<typeof overrideEnd>;
