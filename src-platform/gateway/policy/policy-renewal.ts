import type { Pool } from 'pg';
import type { WalletBook } from '../grants/wallet-book.ts';
import type { IngestQueue } from '../ledger/ingest-queue.ts';
import { selectCapPeriods, selectOrphanedMoney } from '../live/cap-queries.ts';
import type { LiveState } from '../live/live-state.ts';
import type { Change } from './change-listener.ts';
import type { Policy } from './policy.ts';

/** What follows from a change of policy for money and live figures. */
export interface PolicyRenewal {
  /** At once when the database announces it, before anything is read: idle money goes back, refusals are forgotten. */
  announced(change: Change): void;
  /** After the cache has it. */
  renewed(topic: string, tenantId: string | null): void;
  /** Reads the caps' present figures; null: of all tenants. */
  readCaps(tenantIds: readonly string[] | null): Promise<void>;
  /** The least that any hard cap of such a call leaves, nano-USD; undefined: no cap, or not known yet. */
  readonly remaining: (tenantId: string, keyId: string, workflowId: string | null) => bigint | undefined;
  /** How much of the tenant's hard monthly cap is committed and held, in percent; undefined: none, or not known yet. */
  readonly usedShare: (tenantId: string) => number | undefined;
  readonly onAccessChanged: (listener: () => void) => () => void;
}

export interface PolicyRenewalPorts {
  readonly pool: Pool;
  readonly policy: Policy;
  readonly wallets: WalletBook;
  readonly live: LiveState;
  readonly ingest: IngestQueue;
  readonly onTrouble: (error: unknown) => void;
}

const MONEY_TOPICS = new Set(['caps', 'tenants', 'keys']);
const ACCESS_TOPICS = new Set(['operators', 'tenants']);

export function createPolicyRenewal(ports: PolicyRenewalPorts): PolicyRenewal {
  const { policy, wallets, live } = ports;
  const accessListeners = new Set<() => void>();

  async function readCaps(tenantIds: readonly string[] | null): Promise<void> {
    const [found, orphaned] = await Promise.all([
      selectCapPeriods(ports.pool, tenantIds),
      selectOrphanedMoney(ports.pool),
    ]);
    live.orphaned(orphaned);
    // A batch under way may or may not be in these figures.
    const certain = !ports.ingest.sending;
    for (const [tenantId, caps] of found) live.seen(tenantId, caps, certain);
    const known = tenantIds ?? [...policy.tenants()].map(({ id }) => id);
    for (const tenantId of known) {
      live.keepCaps(tenantId, new Set(policy.tenant(tenantId)?.caps.map(({ id }) => id)));
    }
  }

  return {
    announced: ({ topic, tenantId }) => {
      if (MONEY_TOPICS.has(topic)) wallets.changed(tenantId);
    },
    renewed: (topic, tenantId) => {
      if (MONEY_TOPICS.has(topic)) {
        if (tenantId === null) wallets.changed(null);
        wallets.renewed(tenantId, (id) => policy.tenant(id));
        readCaps(tenantId === null ? null : [tenantId]).catch(ports.onTrouble);
      }
      if (ACCESS_TOPICS.has(topic)) for (const listener of accessListeners) listener();
    },
    readCaps,
    remaining: (tenantId, keyId, workflowId) => {
      let least: bigint | undefined;
      for (const cap of policy.tenant(tenantId)?.caps ?? []) {
        const meets =
          cap.scope === 'tenant' || cap.keyId === keyId || (workflowId !== null && cap.workflowId === workflowId);
        if (!cap.hard || !meets) continue;
        const known = live.known(tenantId, cap.id);
        if (known === undefined) continue;
        const { committed, held } = live.figures(tenantId, cap.id, known.periodStart);
        const rest = known.limit - committed - held;
        if (least === undefined || rest < least) least = rest > 0n ? rest : 0n;
      }
      return least;
    },
    usedShare: (tenantId) => {
      const cap = policy
        .tenant(tenantId)
        ?.caps.find(({ hard, scope, period }) => hard && scope === 'tenant' && period === 'month');
      const known = cap === undefined ? undefined : live.known(tenantId, cap.id);
      if (known === undefined) return undefined;
      const { committed, held } = live.figures(tenantId, known.capId, known.periodStart);
      return known.limit === 0n ? 100 : Number(((committed + held) * 10_000n) / known.limit) / 100;
    },
    onAccessChanged: (listener) => {
      accessListeners.add(listener);
      return () => accessListeners.delete(listener);
    },
  };
}
