import type { Change } from './change-listener.ts';
import type { PolicyCache } from './policy-cache.ts';

/*
 * Keeps the cache fresh. An announcement renews the tenant it names; a version that jumped, or that only the second's look found,
 * renews the whole topic. What is announced while a read runs is read after it. Reads that fail stay due.
 *
 * The cache may be used as long as the versions were seen unchanged within the last ten minutes: that long the gateway works
 * without a database, not longer.
 */

export interface PolicyKeeper {
  /** First load; rejects when the database is away. */
  start(): Promise<void>;
  onChange(change: Change): void;
  /** Compares the versions; every second, and when listening began again. */
  look(): Promise<void>;
  /** False: too long without a database to decide by what is remembered. */
  readonly usable: boolean;
  readonly ageMs: number;
}

export interface PolicyKeeperPorts {
  readonly cache: PolicyCache;
  readonly versions: () => Promise<ReadonlyMap<string, number>>;
  readonly monotonic: () => number;
  /** After the cache has it. `tenantId` null: anything of the topic may have changed. */
  readonly onRenewed: (topic: string, tenantId: string | null) => void;
  readonly onTrouble: (error: unknown) => void;
}

const USABLE_MS = 10 * 60 * 1000;
const TENANT_TOPICS = new Set(['caps', 'tenants', 'keys']);
const MANY = 50;

export function createPolicyKeeper(ports: PolicyKeeperPorts): PolicyKeeper {
  const seen = new Map<string, number>();
  /** Topic → tenants that are due; null: all. */
  let due = new Map<string, Set<string> | null>();
  let renewing: Promise<void> | undefined;
  let confirmedAt = Number.NEGATIVE_INFINITY;

  function markDue(topic: string, tenantId: string | null): void {
    const already = due.get(topic);
    if (already === null) return;
    if (tenantId === null || !TENANT_TOPICS.has(topic)) due.set(topic, null);
    else due.set(topic, (already ?? new Set()).add(tenantId));
  }

  function renew(): Promise<void> {
    renewing ??= renewAll().finally(() => {
      renewing = undefined;
    });
    return renewing;
  }

  async function renewAll(): Promise<void> {
    while (due.size > 0) {
      const now = due;
      due = new Map();
      try {
        await read(now);
      } catch (error) {
        for (const [topic, tenantIds] of now) {
          if (tenantIds === null) markDue(topic, null);
          else for (const id of tenantIds) markDue(topic, id);
        }
        throw error;
      }
      for (const [topic, tenantIds] of now) {
        if (tenantIds === null) ports.onRenewed(topic, null);
        else for (const id of tenantIds) ports.onRenewed(topic, id);
      }
    }
  }

  async function read(topics: ReadonlyMap<string, ReadonlySet<string> | null>): Promise<void> {
    const tenantIds = new Set<string>();
    let all = false;
    for (const [topic, ids] of topics) {
      if (!TENANT_TOPICS.has(topic)) continue;
      if (ids === null) all = true;
      else for (const id of ids) tenantIds.add(id);
    }
    if (all || tenantIds.size > MANY) await ports.cache.loadTenants(null);
    else if (tenantIds.size > 0) await ports.cache.loadTenants([...tenantIds]);
    if (topics.has('prices')) await ports.cache.loadPrices();
    if (topics.has('providers')) await ports.cache.loadProviders();
  }

  async function look(): Promise<void> {
    try {
      for (const [topic, version] of await ports.versions()) {
        if (version === seen.get(topic)) continue;
        seen.set(topic, version);
        markDue(topic, null);
      }
      await renew();
      confirmedAt = ports.monotonic();
    } catch (error) {
      ports.onTrouble(error);
    }
  }

  return {
    start: async () => {
      for (const [topic, version] of await ports.versions()) seen.set(topic, version);
      await ports.cache.loadProviders();
      await ports.cache.loadPrices();
      await ports.cache.loadTenants(null);
      confirmedAt = ports.monotonic();
    },
    onChange: ({ topic, tenantId, version }) => {
      const last = seen.get(topic);
      if (last === undefined) return;
      if (version <= last) return;
      seen.set(topic, version);
      markDue(topic, version === last + 1 ? tenantId : null);
      renew().catch(ports.onTrouble);
    },
    look,
    get usable() {
      return ports.monotonic() - confirmedAt <= USABLE_MS;
    },
    get ageMs() {
      return ports.monotonic() - confirmedAt;
    },
  };
}
