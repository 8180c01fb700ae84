import type { LedgerRow } from './ledger-row.ts';

/** The calls settled lately, for `GET /v1/usage/<request id>`: the last so many, forgotten in order. */
export interface SettledCalls {
  put(row: LedgerRow): void;
  /** Of this tenant alone. */
  find(tenantId: string, requestId: string): LedgerRow | undefined;
}

export function createSettledCalls(most: number): SettledCalls {
  const rows = new Map<string, LedgerRow>();
  return {
    put: (row) => {
      rows.set(row.request_id, row);
      if (rows.size <= most) return;
      const [oldest] = rows.keys();
      if (oldest !== undefined) rows.delete(oldest);
    },
    find: (tenantId, requestId) => {
      const row = rows.get(requestId);
      return row?.tenant_id === tenantId ? row : undefined;
    },
  };
}
