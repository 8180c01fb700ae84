import type { LiveTenant } from '../infra/gateway-client/live-frame.ts';
import { limitInForce } from './board-rules.ts';
import type { LedgerRow } from './ledger-row.ts';

/**
 * A gateway says "refusing" until a call passes. After a raise that is no longer known: nobody may have called since.
 * So refusals told before a raise are not shown after it, until another one comes.
 */
export interface OldRefusals {
  /** The tenant's row of the ledger was read again. */
  readLedger(before: LedgerRow | undefined, now: LedgerRow): void;
  /** The gateways told the tenant's figures again. */
  heardLive(before: LiveTenant | undefined, now: LiveTenant): void;
  /** The figures without a refusal that a raise may have ended. */
  without(live: LiveTenant | undefined): LiveTenant | undefined;
}

export function createOldRefusals(): OldRefusals {
  const raised = new Set<string>();
  return {
    readLedger(before, now) {
      const same = before?.cap?.capId === now.cap?.capId;
      if (same && before?.cap && now.cap && limitInForce(now.cap) > limitInForce(before.cap)) raised.add(now.tenantId);
    },
    heardLive(before, now) {
      const refusedAgain = before !== undefined && now.refusedLastHour > before.refusedLastHour;
      if (now.refusingSince === null || refusedAgain) raised.delete(now.id);
    },
    without(live) {
      return live !== undefined && raised.has(live.id) ? { ...live, refusingSince: null } : live;
    },
  };
}
