import type { BoardRow } from '../contract/board.ts';
import type { RefusalExplanation, TenantActivity } from '../contract/tenants.ts';

const WORKFLOWS = ['Lead scoring', 'Support triage', 'Content generation'];

/** A pretend client's newest calls, and a refusal when it refuses. */
export function fakeActivity(row: BoardRow, now: Date): TenantActivity {
  const calls = Array.from({ length: 12 }, (_, index) => ({
    requestId: `req_${now.getTime() - index}`,
    attempt: 1,
    kind: 'charge' as const,
    at: new Date(now.getTime() - index * 4_300),
    workflowName: WORKFLOWS[index % WORKFLOWS.length] ?? null,
    model: 'gpt-4o',
    inputTokens: BigInt(800 + 37 * index),
    cachedInputTokens: 0n,
    outputTokens: BigInt(200 + 11 * index),
    costNanoUsd: BigInt(4_200_000 + 210_000 * index),
    latencyMs: 640 + 35 * index,
    outcome: index === 5 ? 'provider_error' : 'ok',
    httpStatus: index === 5 ? 500 : 200,
  }));
  const refusals =
    row.refusingSince === null
      ? []
      : [
          {
            requestId: 'req_pretend',
            refusedAt: row.refusingSince,
            type: 'budget_exceeded',
            code: 'tenant_month_cap',
            model: 'gpt-4o',
            workflowName: 'Lead scoring',
          },
        ];
  return { calls: row.status === 'active' ? calls : [], refusals, asOf: now, trouble: null };
}

/** Why the pretend client is refused: its monthly cap. */
export function fakeExplanation(row: BoardRow, requestId: string, now: Date): RefusalExplanation {
  const { cap } = row;
  const estimate = 40_000_000n;
  const committed = row.committedNanoUsd ?? 0n;
  const raiseTo = cap === null || cap.limitNanoUsd >= committed + estimate ? null : committed + estimate;
  return {
    tenantId: row.tenantId,
    requestId,
    refusedAt: row.refusingSince ?? now,
    httpStatus: 402,
    type: 'budget_exceeded',
    code: 'tenant_month_cap',
    model: 'gpt-4o',
    workflowName: 'Lead scoring',
    keyLabel: 'website bot, td_abcd…9f3c',
    keyRevokedAt: null,
    tenantStatus: row.status,
    estimateNanoUsd: estimate,
    remainingNanoUsd: 0n,
    scopes:
      cap === null
        ? []
        : [
            {
              capId: cap.capId,
              scope: 'tenant',
              period: 'month',
              hard: true,
              refused: true,
              limitNanoUsd: cap.limitNanoUsd,
              committedNanoUsd: committed,
              heldNanoUsd: 0n,
              idleNanoUsd: 0n,
              periodStart: cap.periodStart,
              periodEnd: cap.periodEnd,
              now: {
                version: cap.version,
                limitNanoUsd: cap.limitNanoUsd,
                inForceNanoUsd: cap.limitNanoUsd,
                raiseToNanoUsd: raiseTo,
              },
            },
          ],
    passesNow: raiseTo === null,
    asOf: now,
  };
}
