import type { Pool } from 'pg';
import type { JournalRemains } from './journal/journal.ts';
import { estimateRow } from './ledger/call-accounts.ts';
import { IngestRefused } from './ledger/ingest-queue.ts';
import { ingestBatch } from './ledger/postgres-ledger.ts';
import type { LedgerRow } from './ledger/ledger-row.ts';
import { ledgerRowJson } from './ledger/ledger-row-json.ts';

export interface Recovered {
  /** Settled calls that were sent to the ledger (again). */
  readonly settled: number;
  /** Calls that were open: charged at their bound. */
  readonly estimated: number;
  readonly grantsClosed: number;
  readonly damagedLines: number;
}

const BATCH_ROWS = 500;

/**
 * Brings into the ledger what an earlier run of this gateway owes it, then closes the grants it held. Safe to run again: the ledger
 * takes each row once, and the journal's files go last. Rejects when the database is away.
 */
export async function recover(
  pool: Pool,
  gatewayId: string,
  remains: JournalRemains,
  onSetAside: (row: LedgerRow, reason: string) => void,
): Promise<Recovered> {
  const rows = [...remains.settled, ...remains.open.map(({ row, bound }) => estimateRow(row, bound))];
  for (let start = 0; start < rows.length; start += BATCH_ROWS) {
    await ingestAll(pool, gatewayId, rows.slice(start, start + BATCH_ROWS), onSetAside);
  }
  const { rows: grants } = await pool.query<{ tenant_id: string; id: string; charged: string }>(
    `select tenant_id, id, charged_nanousd as charged from platform.grants where gateway_id = $1 and state <> 'closed'`,
    [gatewayId],
  );
  for (const { tenant_id: tenantId, id, charged } of grants) {
    await pool.query('select platform.release_grant($1, $2, $3, $4, true)', [gatewayId, tenantId, id, charged]);
  }
  remains.remove();
  return {
    settled: remains.settled.length,
    estimated: remains.open.length,
    grantsClosed: grants.length,
    damagedLines: remains.damaged,
  };
}

/** A row that the database can never take is set aside alone. */
async function ingestAll(
  pool: Pool,
  gatewayId: string,
  rows: readonly LedgerRow[],
  onSetAside: (row: LedgerRow, reason: string) => void,
): Promise<void> {
  try {
    await ingestBatch(pool, gatewayId, { records: rows.map(ledgerRowJson), refusals: [], unpriced: [] });
  } catch (error) {
    if (!(error instanceof IngestRefused)) throw error;
    const [only] = rows;
    if (rows.length <= 1) {
      if (only !== undefined) onSetAside(only, error.message);
      return;
    }
    const middle = Math.ceil(rows.length / 2);
    await ingestAll(pool, gatewayId, rows.slice(0, middle), onSetAside);
    await ingestAll(pool, gatewayId, rows.slice(middle), onSetAside);
  }
}
