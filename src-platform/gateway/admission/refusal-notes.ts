import type { IngestQueue } from '../ledger/ingest-queue.ts';
import type { LiveState } from '../live/live-state.ts';
import type { Caller } from '../policy/authenticate.ts';
import type { Refusal } from './refusal.ts';

/** A call that did not go through, and whose it was. */
export interface RefusedCall {
  readonly caller: Caller;
  readonly requestId: string;
  readonly workflowId: string | null;
  /** Null: refused before the request was read. */
  readonly model: string | null;
  /** A provider that has no price for the model, when that is why. */
  readonly unpricedAt?: string;
  readonly refusal: Refusal;
}

export interface RefusalNotesPorts {
  readonly live: LiveState;
  readonly ingest: IngestQueue;
  readonly databaseNow: () => number;
}

/** Notes refusals for the operator: counted live, listed in the database (bounded, see the queue), unpriced models by name. */
export function createRefusalNotes({ live, ingest, databaseNow }: RefusalNotesPorts): (call: RefusedCall) => void {
  return ({ caller, requestId, workflowId, model, refusal, unpricedAt }) => {
    const tenant_id = caller.tenant.id;
    const refused_at = new Date(databaseNow()).toISOString();
    live.refused(tenant_id, refusal.wanted);
    const noted = ingest.refusal({
      tenant_id,
      request_id: requestId,
      refused_at,
      key_id: caller.secret.keyId,
      workflow_id: workflowId,
      model,
      http_status: refusal.status,
      type: refusal.type,
      code: refusal.code,
      facts: { ...refusal.facts, ...refusal.operatorFacts },
    });
    if (unpricedAt === undefined || model === null || !noted) return;
    ingest.unpriced({ tenant_id, provider: unpricedAt, model, request_id: requestId, seen_at: refused_at });
  };
}
