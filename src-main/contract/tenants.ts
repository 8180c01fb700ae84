import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { expectedVersion, idempotencyKey, named, reason } from './changes.ts';
import { base } from './errors.ts';
import { issuedKey, keyName } from './keys.ts';
import { capNanoUsd, nanoUsd } from './money.ts';
import { SLUG } from './names.ts';

export const workflowUsage = z.object({
  workflowId: z.uuid(),
  slug: z.string(),
  name: z.string(),
  calls: z.int(),
  failedCalls: z.int(),
  costNanoUsd: nanoUsd,
  /** Milliseconds that half, and 95 of 100, of its answered calls did not exceed, within 5 %; null: none was answered. */
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
});

export const tenantDetail = z.object({
  tenantId: z.uuid(),
  status: z.enum(['active', 'suspended', 'archived']),
  /** Of the tenant itself: what a change of its status is made from. */
  version: z.int(),
  anchorDay: z.int(),
  /** Usage of the running calendar month in the tenant's zone. */
  month: z.string(),
  workflows: z.array(workflowUsage),
  /** Calls, each once however often it was tried. */
  messages: z.int(),
  /** Sessions that began in the month. */
  conversations: z.int(),
  /** Calls of its workflows to other systems. */
  integrationCalls: z.int(),
  /** When the database answered. */
  asOf: z.date(),
});

/** A row of the ledger: an attempt of a call, an estimate or a correction. Never what was said in it. */
export const tenantCall = z.object({
  requestId: z.string(),
  attempt: z.int(),
  kind: z.enum(['charge', 'estimate', 'correction']),
  /** Of admission. */
  at: z.date(),
  workflowName: z.string().nullable(),
  model: z.string(),
  inputTokens: z.bigint(),
  cachedInputTokens: z.bigint(),
  outputTokens: z.bigint(),
  /** Below zero in corrections alone. */
  costNanoUsd: nanoUsd,
  latencyMs: z.int().nullable(),
  /** ok, or how it ended: provider_error, client_closed, interrupted, unknown. */
  outcome: z.string(),
  httpStatus: z.int().nullable(),
});

export const refusal = z.object({
  requestId: z.string(),
  refusedAt: z.date(),
  type: z.string(),
  code: z.string().nullable(),
  /** Null: refused before the request was read. */
  model: z.string().nullable(),
  workflowName: z.string().nullable(),
});

/** The newest calls and refusals of a tenant, newest first; a new value when they changed, at most two a second. */
export const tenantActivity = z.object({
  calls: z.array(tenantCall),
  refusals: z.array(refusal),
  /** When the database answered; null: it has not yet. */
  asOf: z.date().nullable(),
  /** Why the lists are from before, in a sentence; null when they are not. */
  trouble: z.string().nullable(),
});

/** One cap that a refused call had to pass, as it stood then. */
export const refusalScope = z.object({
  capId: z.uuid(),
  scope: z.enum(['tenant', 'key', 'workflow']),
  period: z.enum(['month', 'day']),
  hard: z.boolean(),
  /** This cap is why. */
  refused: z.boolean(),
  limitNanoUsd: nanoUsd,
  committedNanoUsd: nanoUsd,
  /** Bounds of open calls. */
  heldNanoUsd: nanoUsd,
  /** Handed out to gateways and neither spent nor held: idle for a moment, or of a gateway that fell silent. */
  idleNanoUsd: nanoUsd,
  periodStart: z.date(),
  /** When it resets. */
  periodEnd: z.date(),
  /** The same cap now; null: there is no such cap any more. */
  now: z
    .object({
      version: z.int(),
      /** Of the cap itself. */
      limitNanoUsd: nanoUsd,
      /** With what raises it for a time. */
      inForceNanoUsd: nanoUsd,
      /** The limit of the cap itself, in whole cents, from which a call like the refused one passes this cap; null: it passes as it is. */
      raiseToNanoUsd: nanoUsd.nullable(),
    })
    .nullable(),
});

export const refusalExplanation = z.object({
  tenantId: z.uuid(),
  requestId: z.string(),
  refusedAt: z.date(),
  httpStatus: z.int(),
  type: z.string(),
  code: z.string().nullable(),
  model: z.string().nullable(),
  workflowName: z.string().nullable(),
  /** "website bot, td_abcd…9f3c"; null: not known, or not for this operator. */
  keyLabel: z.string().nullable(),
  keyRevokedAt: z.date().nullable(),
  /** The tenant now. */
  tenantStatus: z.enum(['active', 'suspended', 'archived']),
  /** The most the call could have cost; null when no cap was asked. */
  estimateNanoUsd: nanoUsd.nullable(),
  /** The most it could have had. */
  remainingNanoUsd: nanoUsd.nullable(),
  /** In the order in which they are asked: month, day, key, workflow. Empty when no cap was. */
  scopes: z.array(refusalScope),
  /** A call like it would pass every cap now; null when no cap was asked. */
  passesNow: z.boolean().nullable(),
  asOf: z.date(),
});

const requestId = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !text.includes('\u0000'), 'Is no request id');

/** What a new client can be made of. */
export const tenantChoices = z.object({
  plans: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      maxTokensPerMessage: z.int(),
      /** What is proposed as monthly cap. */
      usualCapNanoUsd: nanoUsd,
    }),
  ),
  /** IANA names that the platform knows. */
  timeZones: z.array(z.string()),
  /** ISO 4217 codes. */
  currencies: z.array(z.string()),
});

export const createTenantInput = z.object({
  name: named('A client’s name'),
  slug: z.string().regex(SLUG, 'Is 1 to 63 small letters, digits and hyphens, and begins with a letter or digit'),
  currency: z.string().regex(/^[A-Z]{3}$/, 'Is a three-letter code, such as INR'),
  timeZone: z.string().regex(/^[A-Za-z0-9_+/-]{1,60}$/, 'Is an IANA name, such as Asia/Kolkata'),
  plan: z.string().regex(/^[a-z]{1,40}$/, 'Is one of the platform’s plans'),
  capNanoUsd,
  /** Whole percentages of the cap at which somebody wants to know. */
  thresholds: z.array(z.int().min(1).max(100)).max(10),
  /** Of its first key. */
  keyName,
  idempotencyKey,
});

export const setTenantStatusInput = z.object({
  tenantId: z.uuid(),
  status: z.enum(['active', 'suspended']),
  expectedVersion,
  idempotencyKey,
  reason,
});

export const tenantStatus = z.object({
  tenantId: z.uuid(),
  status: z.enum(['active', 'suspended']),
  version: z.int(),
  changedAt: z.date(),
});

export const tenants = {
  choices: base.output(tenantChoices),
  /** Makes a client with a monthly cap and its first key; answers with that key's secret, which nobody can ask for again. */
  create: base.input(createTenantInput).output(issuedKey),
  /** Suspends a client or resumes it; answers when the database has committed it, and every gateway has been told. */
  setStatus: base.input(setTenantStatusInput).output(tenantStatus),
  detail: base.input(z.object({ tenantId: z.uuid() })).output(tenantDetail),
  watch: base.input(z.object({ tenantId: z.uuid() })).output(eventIterator(tenantActivity)),
  /** Why a request was refused, how each cap stood then, and what would let it pass now. */
  explainRefusal: base.input(z.object({ tenantId: z.uuid(), requestId })).output(refusalExplanation),
};

export type TenantDetail = z.infer<typeof tenantDetail>;
export type TenantCall = z.infer<typeof tenantCall>;
export type Refusal = z.infer<typeof refusal>;
export type TenantActivity = z.infer<typeof tenantActivity>;
export type RefusalScope = z.infer<typeof refusalScope>;
export type RefusalExplanation = z.infer<typeof refusalExplanation>;
export type TenantChoices = z.infer<typeof tenantChoices>;
export type CreateTenantInput = z.infer<typeof createTenantInput>;
export type SetTenantStatusInput = z.infer<typeof setTenantStatusInput>;
export type TenantStatus = z.infer<typeof tenantStatus>;
