import type { LedgerRow } from './ledger-row.ts';

/** The calls settled lately, for `GET /v1/usage/<request id>`: the last so many, forgotten in order. */
export interface SettledCalls {
  /** Of a call that was tried with several providers the last attempt stays, at the cost of all. */
  put(row: LedgerRow): void;
  /** Of this tenant alone. */
  find(tenantId: string, requestId: string): LedgerRow | undefined;
}

export function createSettledCalls(most: number): SettledCalls {
  const rows = new Map<string, LedgerRow>();
  return {
    put: (row) => {
      const earlier = row.attempt > 1 ? rows.get(row.request_id) : undefined;
      const all = row.cost_nanousd + (earlier?.cost_nanousd ?? 0);
      rows.set(row.request_id, earlier === undefined ? row : { ...row, cost_nanousd: all });
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
