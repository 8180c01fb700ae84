import type { Client, Pool } from 'pg';
import { stableId } from '../stable-id.ts';
import { clinicBFloor } from './clinic-b.ts';
import { createDemoCaps } from './demo-caps.ts';
import type { DemoTenant } from './demo-tenant.ts';
import { fillGap } from './fill-gap.ts';
import type { HistoryRow, PricesByModel } from './history-rows.ts';
import { readSeedProgress } from './seed-progress.ts';
import { seedHistory } from './seed-history.ts';
import { CLINIC_B } from './the-dozen.ts';

export interface HistoryOptions {
  readonly folder: string;
  readonly owner: Client;
  /** Connections of the gateways' login: history enters as usage does. */
  readonly gateway: Pool;
  readonly tenants: readonly DemoTenant[];
  /** About so many rows over all tenants; 0: no history. */
  readonly rows: number;
  readonly prices: PricesByModel;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly say: (sentence: string) => void;
}

/** Stands in the ledger as the gateway of invented calls. It holds no grants and is listed nowhere. */
const HISTORY_GATEWAY = stableId('gateway', 'demo history');

/** Brings the demo tenants' past up to now, and gives those their caps that have none. Answers the number of new ledger rows. */
export async function enterHistory(options: HistoryOptions): Promise<number> {
  const { owner, gateway, tenants, prices, now, folder } = options;
  await gateway.query(`select platform.ensure_partitions((now() + interval '2 months')::date)`);
  const ingest = async (rows: readonly HistoryRow[]): Promise<number> => {
    if (rows.length === 0) return 0;
    const answer = await gateway.query<{ inserted: number }>(
      `select (platform.ingest($1, $2) ->> 'inserted')::int as inserted`,
      [HISTORY_GATEWAY, JSON.stringify({ records: rows })],
    );
    return answer.rows[0]?.inserted ?? 0;
  };
  const cluster = await clusterIdentity(owner);
  const { seeded: known } = readSeedProgress(folder, cluster);
  const withPast = tenants.filter(({ slug }) => known.includes(slug));
  const filled = await fillGap({ owner, tenants: withPast, prices, now: now(), ingest });
  const seeded = await seedHistory({ ...options, cluster, ingest });
  const withClinicB = tenants.includes(CLINIC_B);
  const floor = withClinicB ? await ingest(await clinicBFloor(owner, prices, now())) : 0;
  if (seeded > 0) await owner.query('analyze');
  await createDemoCaps(owner, tenants);
  return filled + seeded + floor;
}

/** Differs from one cluster to the next: made with the first roles of it. */
async function clusterIdentity(owner: Client): Promise<string> {
  const found = await owner.query<{ identity: string }>(
    `select applied_at::text as identity from platform.schema_migrations order by name limit 1`,
  );
  return found.rows[0]?.identity ?? '';
}
