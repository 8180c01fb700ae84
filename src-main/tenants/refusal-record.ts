import { z } from 'zod';
import type { RefusalExplanation, RefusalScope } from '../contract/tenants.ts';
import { passesNow, raiseTo } from './refusal-rules.ts';

/** Integers below 2^53 by the limits of a cap, so exact in JSON. */
const amount = z.int().transform(BigInt);
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const scopeRecord = z.object({
  capId: z.uuid(),
  scope: z.enum(['tenant', 'key', 'workflow']),
  period: z.enum(['month', 'day']),
  hard: z.boolean(),
  refused: z.boolean(),
  limit: amount,
  committed: amount,
  held: amount,
  granted: amount.nullable(),
  periodStart: instant,
  periodEnd: instant,
  now: z.object({ version: z.int(), limit: amount, inForce: amount, granted: amount.nullable() }).nullable(),
});

/** What `platform.explain_refusal` answers. */
export const refusalRecord = z.object({
  tenantId: z.uuid(),
  requestId: z.string(),
  refusedAt: instant,
  status: z.int(),
  type: z.string(),
  code: z.string().nullable(),
  model: z.string().nullable(),
  workflow: z.string().nullable(),
  key: z.string().nullable(),
  keyName: z.string().nullable(),
  keyRevokedAt: instant.nullable(),
  tenantStatus: z.enum(['active', 'suspended', 'archived']),
  estimate: amount.nullable(),
  remaining: amount.nullable(),
  scopes: z.array(scopeRecord),
  asOf: instant,
});

export function explanationOf(record: z.infer<typeof refusalRecord>): RefusalExplanation {
  const { status, workflow, key, keyName, estimate, remaining, scopes: recorded, ...same } = record;
  const scopes = recorded.map((scope) => scopeOf(scope, estimate ?? 0n));
  return {
    ...same,
    httpStatus: status,
    workflowName: workflow,
    keyLabel: key === null ? null : `${keyName ?? 'key'}, ${key}`,
    estimateNanoUsd: estimate,
    remainingNanoUsd: remaining,
    scopes,
    passesNow: passesNow(scopes),
  };
}

function scopeOf(record: z.infer<typeof scopeRecord>, estimateNanoUsd: bigint): RefusalScope {
  const { limit, committed, held, granted, now, ...same } = record;
  const idle = (granted ?? 0n) - committed - held;
  return {
    ...same,
    limitNanoUsd: limit,
    committedNanoUsd: committed,
    heldNanoUsd: held,
    idleNanoUsd: idle > 0n ? idle : 0n,
    now: now && {
      version: now.version,
      limitNanoUsd: now.limit,
      inForceNanoUsd: now.inForce,
      raiseToNanoUsd: raiseTo(
        { limitNanoUsd: now.limit, inForceNanoUsd: now.inForce, grantedNanoUsd: now.granted ?? 0n, hard: record.hard },
        estimateNanoUsd,
      ),
    },
  };
}
