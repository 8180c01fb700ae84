import type { LedgerRow } from './ledger-row.ts';

/** The calls settled lately, for `GET /v1/usage/<request id>`: about so many of the last, forgotten in order. */
export interface SettledCalls {
  /** Of a call that was tried with several providers the last attempt stays, at the cost of all. */
  put(row: LedgerRow): void;
  /** Of this tenant alone. */
  find(tenantId: string, requestId: string): LedgerRow | undefined;
}

export function createSettledCalls(most: number): SettledCalls {
  // Two halves, the older of which goes whole: nothing is taken out one by one.
  let rows = new Map<string, LedgerRow>();
  let older = rows;
  return {
    put: (row) => {
      if (rows.size >= most / 2) {
        older = rows;
        rows = new Map();
      }
      const earlier = row.attempt > 1 ? (rows.get(row.request_id) ?? older.get(row.request_id)) : undefined;
      const all = row.cost_nanousd + (earlier?.cost_nanousd ?? 0);
      rows.set(row.request_id, earlier === undefined ? row : { ...row, cost_nanousd: all });
    },
    find: (tenantId, requestId) => {
      const row = rows.get(requestId) ?? older.get(requestId);
      return row?.tenant_id === tenantId ? row : undefined;
    },
  };
}
