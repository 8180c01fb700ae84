import type { Pool } from 'pg';

/** What a rollup or a cap says otherwise than the ledger. */
export interface Drift {
  readonly tenantId: string;
  /** quarter_hours, days, tenant_days, month, tenant_month, or cap:<id> */
  readonly figure: string;
  /** Nano-USD. */
  readonly wanted: bigint;
  readonly found: bigint;
}

/** Compares ledger, rollups and caps, some tenants every few seconds. */
export interface Reconciler {
  /** What was found and not found right again since. */
  readonly drift: readonly Drift[];
  /** As PostgreSQL told last; undefined: not asked yet. */
  readonly orphaned: { readonly grants: number; readonly nanoUsd: bigint } | undefined;
  /** Milliseconds since the last comparison; undefined: none yet. */
  readonly ageMs: number | undefined;
  /** Compares these tenants now, two days of the ledger deep. Rejects when the database is away. */
  reconcile(tenantIds: readonly string[]): Promise<readonly Drift[]>;
  stop(): void;
}

export interface ReconcilerPorts {
  readonly pool: Pool;
  readonly tenantIds: () => readonly string[];
  readonly monotonic: () => number;
  readonly onDrift: (drift: Drift) => void;
  readonly onTrouble: (error: unknown) => void;
}

const ROUND_EVERY_MS = 5_000;
const TENANTS_A_ROUND = 20;
const HOURS = 2;
const HOURS_BY_HAND = 48;

export function createReconciler(ports: ReconcilerPorts): Reconciler {
  const found = new Map<string, readonly Drift[]>();
  let orphaned: Reconciler['orphaned'];
  let comparedAt: number | undefined;
  let last = '';
  let comparing = false;
  let inTrouble = false;

  /** One at a time: an answer that comes late must not stand for what a later one found. */
  let turn: Promise<unknown> = Promise.resolve();
  function compare(tenantIds: readonly string[], hours: number): Promise<readonly Drift[]> {
    const mine = turn.then(() => compareNow(tenantIds, hours));
    turn = mine.catch(() => undefined);
    return mine;
  }

  async function compareNow(tenantIds: readonly string[], hours: number): Promise<readonly Drift[]> {
    const { rows } = await ports.pool.query<{ tenant_id: string; figure: string; wanted: string; found: string }>(
      `select tenant_id, figure, wanted_nanousd as wanted, found_nanousd as found from platform.ledger_drift($1, $2)`,
      [tenantIds, hours],
    );
    const drifts = rows.map((row) => ({
      tenantId: row.tenant_id,
      figure: row.figure,
      wanted: BigInt(row.wanted),
      found: BigInt(row.found),
    }));
    const byTenant = Map.groupBy(drifts, ({ tenantId }) => tenantId);
    for (const tenantId of tenantIds) {
      const now = byTenant.get(tenantId);
      const known = found.get(tenantId) ?? [];
      for (const drift of now ?? []) if (!known.some((one) => same(one, drift))) ports.onDrift(drift);
      if (now === undefined) found.delete(tenantId);
      else found.set(tenantId, now);
    }
    comparedAt = ports.monotonic();
    return drifts;
  }

  /** The tenants after those of the last round, from the first again after the last. */
  async function round(): Promise<void> {
    const all = [...ports.tenantIds()].toSorted();
    const start = all.findIndex((id) => id > last);
    const next = all.slice(Math.max(0, start), Math.max(0, start) + TENANTS_A_ROUND);
    if (next.length > 0) await compare(next, HOURS);
    last = next.at(-1) ?? '';
    const { rows } = await ports.pool.query<{ grants: string; nanousd: string }>(
      'select grants, nanousd from platform.orphaned_grants()',
    );
    orphaned = { grants: Number(rows[0]?.grants ?? 0), nanoUsd: BigInt(rows[0]?.nanousd ?? 0) };
  }

  const timer = setInterval(() => {
    if (comparing) return;
    comparing = true;
    round()
      .then(
        () => {
          inTrouble = false;
        },
        (error: unknown) => {
          if (!inTrouble) ports.onTrouble(error);
          inTrouble = true;
        },
      )
      .finally(() => {
        comparing = false;
      });
  }, ROUND_EVERY_MS);

  return {
    get drift() {
      return [...found.values()].flat();
    },
    get orphaned() {
      return orphaned;
    },
    get ageMs() {
      return comparedAt === undefined ? undefined : ports.monotonic() - comparedAt;
    },
    reconcile: (tenantIds) => compare(tenantIds, HOURS_BY_HAND),
    stop: () => clearInterval(timer),
  };
}

const same = (one: Drift, other: Drift): boolean =>
  one.figure === other.figure && one.wanted === other.wanted && one.found === other.found;
