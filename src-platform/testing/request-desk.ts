import { randomUUID } from 'node:crypto';
import { callPlatform } from './call-platform.ts';
import type { TestDatabase } from './test-database.ts';

interface Who {
  readonly url: string;
}

/** What the functions about increase requests answer; which fields are there depends on the function. Amounts in nano-USD. */
export interface RequestAnswer {
  readonly requestId?: string;
  readonly status?: string;
  readonly amount?: number;
  readonly pending?: boolean;
  readonly pendingId?: string;
  readonly state?: string;
  readonly overrideId?: string;
  readonly capId?: string;
  readonly version?: number;
  readonly limit?: number;
  readonly inForce?: number;
  readonly auditId?: number;
  readonly undoSeconds?: number;
}

export interface InboxRow {
  readonly kind: 'request' | 'raise';
  readonly id: string;
  readonly request_id: string | null;
  readonly amount_nanousd: bigint;
  readonly cap_changed: boolean;
  readonly why_not: string | null;
  readonly needs_second: boolean;
  readonly limit_in_force_nanousd: bigint;
  readonly requested_by: string | null;
}

/** Asks for increases and decides about them, by the platform's functions, each through the login it is given. */
export interface RequestDesk {
  ask(
    who: Who,
    ask: { tenantId: string; capId: string; amount: bigint | null; reason?: string | null; key?: string },
  ): Promise<RequestAnswer>;
  askAsTenant(
    gateway: { url: string; id: string },
    ask: { tenantId: string; keyId: string; capId?: string; amount: bigint | null; reason?: string | null },
  ): Promise<RequestAnswer>;
  decide(
    who: Who,
    decision: {
      tenantId: string;
      requestId: string | undefined;
      decision: string;
      amount?: bigint;
      version?: number;
      key?: string;
      reason?: string | null;
    },
  ): Promise<RequestAnswer>;
  confirm(who: Who, raise: { tenantId: string; pendingId: string | undefined; key?: string }): Promise<RequestAnswer>;
  reject(who: Who, raise: { tenantId: string; pendingId: string | undefined; key?: string }): Promise<RequestAnswer>;
  inbox(who: Who, tenantId: string): Promise<InboxRow[]>;
}

export function createRequestDesk(db: TestDatabase): RequestDesk {
  const call = (who: Who, text: string, values: unknown[]): Promise<RequestAnswer> =>
    callPlatform(db.connect(who.url), text, values);
  return {
    ask: (who, { tenantId, capId, amount, reason = 'Busy week', key = randomUUID() }) =>
      call(who, 'request_increase($1, $2, $3, $4, $5)', [tenantId, capId, amount, reason, key]),
    askAsTenant: ({ url, id }, { tenantId, keyId, capId, amount, reason = 'Refused' }) =>
      call({ url }, 'request_increase_for_tenant($1, $2, $3, $4, $5, $6)', [
        id,
        tenantId,
        keyId,
        capId ?? null,
        amount,
        reason,
      ]),
    decide: (who, { tenantId, requestId, decision, amount, version, key = randomUUID(), reason = null }) =>
      call(who, 'decide_increase($1, $2, $3, $4, $5, $6, $7)', [
        tenantId,
        requestId,
        decision,
        amount ?? null,
        version ?? null,
        key,
        reason,
      ]),
    confirm: (who, { tenantId, pendingId, key = randomUUID() }) =>
      call(who, 'confirm_raise($1, $2, $3, null)', [tenantId, pendingId, key]),
    reject: (who, { tenantId, pendingId, key = randomUUID() }) =>
      call(who, 'reject_raise($1, $2, $3, null)', [tenantId, pendingId, key]),
    async inbox({ url }, tenantId) {
      const { rows } = await db
        .connect(url)
        .query<InboxRow>('select * from platform.inbox where tenant_id = $1 order by requested_at', [tenantId]);
      return rows;
    },
  };
}
