import { z } from 'zod';
import { capPeriod } from './board.ts';
import { expectedVersion, idempotencyKey, reason } from './changes.ts';
import { base } from './errors.ts';
import { capNanoUsd, nanoUsd } from './money.ts';

/** A cap of one key or one workflow of a client, in its running period. The client's own caps stand in its row of the board. */
export const scopedCap = z.object({
  capId: z.uuid(),
  scope: z.enum(['key', 'workflow']),
  /** Of the key or workflow. */
  ofId: z.uuid(),
  /** Null: the operator's role does not see keys. */
  ofName: z.string().nullable(),
  period: capPeriod,
  version: z.int(),
  /** Of the cap itself. */
  limitNanoUsd: nanoUsd,
  /** What temporary raises add to it now. */
  overrideNanoUsd: nanoUsd,
  /** In the ledger; null: its period has not begun for anybody yet. */
  committedNanoUsd: nanoUsd.nullable(),
  periodStart: z.date(),
  periodEnd: z.date(),
  thresholds: z.array(z.int()),
});

export const addCapInput = z.object({
  tenantId: z.uuid(),
  /** What it limits: all of the client, one key, one workflow. */
  of: z.discriminatedUnion('scope', [
    z.object({ scope: z.literal('tenant') }),
    z.object({ scope: z.literal('key'), keyId: z.uuid() }),
    z.object({ scope: z.literal('workflow'), workflowId: z.uuid() }),
  ]),
  period: capPeriod,
  limitNanoUsd: capNanoUsd,
  idempotencyKey,
  reason,
});

export const removeCapInput = z.object({
  tenantId: z.uuid(),
  capId: z.uuid(),
  expectedVersion,
  idempotencyKey,
  reason,
});

export const quotaName = z.enum([
  'requests_per_minute',
  'requests_per_day',
  'tokens_per_minute',
  'tokens_per_day',
  'tokens_per_month',
  'max_tokens_per_message',
  'concurrent_sessions',
]);

const MOST_COUNT = 1_000_000_000_000n;
const count = z.bigint().min(0n).max(MOST_COUNT);

/** What a client may use besides money. */
export const quota = z.object({
  quota: quotaName,
  /** In force; null: no limit. */
  limit: count.nullable(),
  planLimit: count.nullable(),
  follows: z.enum(['plan', 'own']),
  /** 0: nobody ever changed it. */
  version: z.int(),
  /** By the ledger, in the running window; null: nothing is counted up for it. */
  used: z.bigint().nullable(),
  /** When the window ends; null: it has none. */
  resetsAt: z.date().nullable(),
});

export const setQuotaInput = z.object({
  tenantId: z.uuid(),
  quota: quotaName,
  /** own: that limit, or (null) none; plan: what the plan says. */
  setting: z.discriminatedUnion('follows', [
    z.object({ follows: z.literal('own'), limit: count.nullable() }),
    z.object({ follows: z.literal('plan') }),
  ]),
  expectedVersion: z.int().min(0).max(2_147_483_647),
  idempotencyKey,
  reason,
});

/** A name as providers write it. */
const modelName = z.string().trim().min(1).max(256);

/** Calls of a model that are answered by a cheaper one while more than a share of the client's monthly cap is used. */
export const downgrade = z.object({
  model: z.string(),
  toModel: z.string(),
  /** Committed and held, of the cap. */
  abovePercent: z.int(),
  version: z.int(),
  /** False: it was taken away; its version is still needed to make it anew. */
  active: z.boolean(),
});

export const setDowngradeInput = z.object({
  tenantId: z.uuid(),
  /** That is asked for. */
  model: modelName,
  /** Null: no such rule any more. */
  rule: z.object({ toModel: modelName, abovePercent: z.int().min(1).max(100) }).nullable(),
  /** 0: there never was one for this model. */
  expectedVersion: z.int().min(0).max(2_147_483_647),
  idempotencyKey,
  reason,
});

/** Names of models, or beginnings of names with * behind them ("gpt-4o*"). */
const modelList = z.array(modelName).min(1).max(200);

export const setModelsInput = z.object({
  tenantId: z.uuid(),
  /** Null: every model that has a price. */
  models: modelList.nullable(),
  /** 0: the client never had such a list. */
  expectedVersion: z.int().min(0).max(2_147_483_647),
  idempotencyKey,
  reason,
});

const capAnswer = z.object({ tenantId: z.uuid(), capId: z.uuid(), version: z.int() });

export const limits = {
  /** Caps of the client's keys and workflows. */
  caps: base.input(z.object({ tenantId: z.uuid() })).output(z.object({ caps: z.array(scopedCap), asOf: z.date() })),
  /** Gives a client one more cap. What was spent in the period before it counts. */
  addCap: base.input(addCapInput).output(capAnswer),
  /** Takes a cap away; never the client's monthly one. Counts as a raise up to that. */
  removeCap: base.input(removeCapInput).output(capAnswer),
  /** What the client may use besides money, with what is used of it. */
  quotas: base.input(z.object({ tenantId: z.uuid() })).output(z.object({ quotas: z.array(quota), asOf: z.date() })),
  /** Sets a quota; every gateway has been told when it answers. */
  setQuota: base.input(setQuotaInput).output(z.object({ tenantId: z.uuid(), quota: quotaName, version: z.int() })),
  /** Rules of a client by which a cheaper model answers, those taken away among them, and the models that have a price. */
  downgrades: base
    .input(z.object({ tenantId: z.uuid() }))
    .output(z.object({ downgrades: z.array(downgrade), models: z.array(z.string()), asOf: z.date() })),
  /** Makes, changes or takes away such a rule; every gateway has been told when it answers. For admins. */
  setDowngrade: base
    .input(setDowngradeInput)
    .output(z.object({ tenantId: z.uuid(), model: z.string(), version: z.int() })),
  /** The models that the client may ask for; null: every one that has a price. */
  models: base
    .input(z.object({ tenantId: z.uuid() }))
    .output(z.object({ models: z.array(z.string()).nullable(), version: z.int(), asOf: z.date() })),
  /** Sets them; every gateway has been told when it answers. For admins. */
  setModels: base.input(setModelsInput).output(z.object({ tenantId: z.uuid(), version: z.int() })),
};

export type ScopedCap = z.infer<typeof scopedCap>;
export type Quota = z.infer<typeof quota>;
export type Downgrade = z.infer<typeof downgrade>;
export type SetDowngradeInput = z.infer<typeof setDowngradeInput>;
export type SetModelsInput = z.infer<typeof setModelsInput>;
export type SetQuotaInput = z.infer<typeof setQuotaInput>;
export type AddCapInput = z.infer<typeof addCapInput>;
export type RemoveCapInput = z.infer<typeof removeCapInput>;
