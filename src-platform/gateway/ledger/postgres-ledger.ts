import { DatabaseError, type Pool } from 'pg';
import { queryKept } from '../query-kept.ts';
import { IngestRefused } from './ingest-queue.ts';
import type { ChargedCap, IngestBatch } from './ledger-row.ts';

interface IngestJson {
  readonly inserted: number;
  readonly capPeriods: readonly {
    readonly tenantId: string;
    readonly capId: string;
    readonly periodStart: string;
    readonly limit: number;
    readonly granted: number;
    readonly charged: number;
  }[];
}

/** Puts a batch into the ledger; see `platform.ingest`. @throws IngestRefused when a row can never be taken */
export async function ingestBatch(pool: Pool, gatewayId: string, batch: IngestBatch): Promise<readonly ChargedCap[]> {
  try {
    const { rows } = await queryKept<{ answer: IngestJson }>(pool, 'select platform.ingest($1, $2) as answer', [
      gatewayId,
      jsonOf(batch),
    ]);
    return (rows[0]?.answer.capPeriods ?? []).map((cap) => ({
      tenantId: cap.tenantId,
      capId: cap.capId,
      periodStart: Date.parse(cap.periodStart),
      limit: BigInt(cap.limit),
      granted: BigInt(cap.granted),
      charged: BigInt(cap.charged),
    }));
  } catch (error) {
    if (error instanceof DatabaseError && isAboutTheRows(error)) throw new IngestRefused(error.message);
    throw error;
  }
}

/** The records are JSON already. */
function jsonOf({ records, refusals, unpriced }: IngestBatch): string {
  return `{"records":[${records.join(',')}],"refusals":${JSON.stringify(refusals)},"unpriced":${JSON.stringify(unpriced)}}`;
}

/** Our own refusals, bad data, broken constraints (no partition for the row among them). */
function isAboutTheRows(error: DatabaseError): boolean {
  return ['TD', '22', '23'].includes(error.code?.slice(0, 2) ?? '');
}
