import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base } from './errors.ts';
import { capNanoUsd, nanoUsd } from './money.ts';

const MAX_VERSION = 2_147_483_647;

/** What waits for a decision: an increase request, or a raise that one person could not make alone. */
export const inboxItem = z.object({
  kind: z.enum(['request', 'raise']),
  /** Of the request or of the waiting raise. */
  id: z.uuid(),
  /** The request behind a raise; null: somebody raised a cap by themselves. */
  requestId: z.uuid().nullable(),
  tenantId: z.uuid(),
  tenantName: z.string(),
  tenantStatus: z.enum(['active', 'suspended', 'archived']),
  timeZone: z.string(),
  /** How much more, and how much more was asked for at first. */
  amountNanoUsd: nanoUsd,
  askedNanoUsd: nanoUsd,
  reason: z.string().nullable(),
  source: z.enum(['tenant', 'staff']),
  /** Null: the client itself asked. */
  requestedBy: z.string().nullable(),
  requestedAt: z.date(),
  expiresAt: z.date(),
  /** What a waiting raise changes for good; null: it ends, at `endsAt` or when it is removed. */
  newLimitNanoUsd: nanoUsd.nullable(),
  until: z.enum(['period_end', 'date', 'removed']).nullable(),
  endsAt: z.date().nullable(),
  cap: z.object({
    capId: z.uuid(),
    scope: z.enum(['tenant', 'key', 'workflow']),
    period: z.enum(['month', 'day']),
    version: z.int(),
    limitNanoUsd: nanoUsd,
    /** With what raises it for a time. */
    inForceNanoUsd: nanoUsd,
    committedNanoUsd: nanoUsd,
    periodStart: z.date(),
    periodEnd: z.date(),
    /** It is another cap than when this was asked: an approval needs a fresh look, which a decision with `version` is. */
    changed: z.boolean(),
  }),
  /** Average of the last seven days. */
  burnNanoUsdPerDay: nanoUsd,
  /** Spend of each of the last 14 days in the client's zone, the oldest first, today last. */
  days: z.array(nanoUsd),
  /** Why this operator can't decide it, in a sentence; null: they can. */
  whyNot: z.string().nullable(),
  /** This operator's approval would wait for a second person. */
  needsSecond: z.boolean(),
  /** This operator asked for it. */
  mine: z.boolean(),
});

export const inbox = z.object({
  items: z.array(inboxItem),
  /** When the database answered; null: it has not yet. */
  asOf: z.date().nullable(),
});

const reason = z
  .string()
  .trim()
  .max(500)
  .refine((text) => !text.includes('\u0000'), 'Has a character that no keyboard types');
const sent = {
  tenantId: z.uuid(),
  /** Made once a click: the same decision sent twice has one effect. */
  idempotencyKey: z.uuid(),
};

export const askIncreaseInput = z.object({
  ...sent,
  capId: z.uuid(),
  amountNanoUsd: capNanoUsd.min(1n),
  reason: reason.min(1),
});

export const decideIncreaseInput = z.object({
  ...sent,
  requestId: z.uuid(),
  /** `expectedCapVersion`: the cap as the card showed it. */
  decision: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('approve'),
      /** Absent: as asked. */
      amountNanoUsd: capNanoUsd.min(1n).optional(),
      expectedCapVersion: z.int().min(1).max(MAX_VERSION),
      reason: reason.optional(),
    }),
    z.object({ kind: z.literal('decline'), reason: reason.min(1) }),
  ]),
});

export const decideRaiseInput = z.object({
  ...sent,
  pendingId: z.uuid(),
  decision: z.enum(['confirm', 'reject']),
  reason: reason.optional(),
});

/** How a decision ended. */
export const decided = z.object({
  tenantId: z.uuid(),
  outcome: z.enum(['approved', 'waiting', 'declined', 'withdrawn', 'rejected']),
  /** Of the cap, after an approval. */
  cap: z.object({ capId: z.uuid(), version: z.int(), limitNanoUsd: nanoUsd, inForceNanoUsd: nanoUsd }).nullable(),
  /** Waiting: until then a second person can confirm it. */
  expiresAt: z.date().nullable(),
});

/** A request, open or decided. */
export const pastRequest = z.object({
  requestId: z.uuid(),
  tenantId: z.uuid(),
  tenantName: z.string(),
  timeZone: z.string(),
  requestedAt: z.date(),
  /** Null: the client itself. */
  requestedBy: z.string().nullable(),
  amountNanoUsd: nanoUsd,
  reason: z.string(),
  status: z.enum(['open', 'approved', 'declined', 'withdrawn', 'expired']),
  decidedBy: z.string().nullable(),
  decidedAt: z.date().nullable(),
  decidedAmountNanoUsd: nanoUsd.nullable(),
  decisionReason: z.string().nullable(),
});

export const requests = {
  /** What waits for a decision, of all tenants this operator may see; a new value at each change. */
  watch: base.output(eventIterator(inbox)),
  /** Asks for an increase for a client. */
  ask: base.input(askIncreaseInput).output(z.object({ requestId: z.uuid() })),
  decide: base.input(decideIncreaseInput).output(decided),
  /** The second person's word about a raise; who asked for it takes it back by rejecting it. */
  decideRaise: base.input(decideRaiseInput).output(decided),
  /** The last requests of a client or of all, the newest first. */
  history: base.input(z.object({ tenantId: z.uuid().optional() })).output(z.object({ requests: z.array(pastRequest) })),
};

export type InboxItem = z.infer<typeof inboxItem>;
export type Inbox = z.infer<typeof inbox>;
export type AskIncreaseInput = z.infer<typeof askIncreaseInput>;
export type DecideIncreaseInput = z.infer<typeof decideIncreaseInput>;
export type DecideRaiseInput = z.infer<typeof decideRaiseInput>;
export type Decided = z.infer<typeof decided>;
export type PastRequest = z.infer<typeof pastRequest>;
