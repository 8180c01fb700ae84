import type { Journal } from '../journal/journal.ts';
import type { CallAccounts } from '../ledger/call-accounts.ts';
import type { IngestQueue } from '../ledger/ingest-queue.ts';
import type { ChangeListener } from '../policy/change-listener.ts';
import type { DatabaseClock } from '../gateway-clock.ts';
import type { LiveExchange } from '../live/live-exchange.ts';
import type { LiveFeed } from '../live/live-feed.ts';
import type { Policy } from '../policy/policy.ts';
import type { PolicyKeeper } from '../policy/policy-keeper.ts';
import type { ProviderHealth } from '../calls/provider-health.ts';
import type { Rounds } from '../gateway-rounds.ts';
import type { WalletBook } from '../grants/wallet-book.ts';
import type { CallCounts } from './call-counts.ts';
import { journalOnDisk, readinessOf, type JournalOnDisk, type Readiness } from './readiness.ts';
import type { Reconciler } from './reconciler.ts';

/** How the gateway stands at one moment, for metrics. */
export interface GatewayFigures {
  readonly about: { readonly id: string; readonly name: string; readonly version: string };
  readonly ready: boolean;
  readonly draining: boolean;
  readonly stores: { readonly postgresql: boolean; readonly listen: boolean; readonly redis: boolean };
  readonly providers: Readonly<Record<string, boolean>>;
  readonly openCalls: number;
  readonly openStreams: number;
  readonly subscribers: number;
  /** Amounts in nano-USD. */
  readonly grants: { readonly count: number; readonly idle: bigint; readonly held: bigint; readonly pending: bigint };
  readonly ledger: { readonly waiting: number; readonly lagMs: number };
  readonly journal: JournalOnDisk;
  readonly policyAgeMs: number;
  readonly clockUncertaintyMs: number;
  /** `nanoUsd`: differences without their signs, added up. */
  readonly drift: { readonly figures: number; readonly nanoUsd: bigint; readonly ageMs: number | undefined };
  readonly orphaned: Reconciler['orphaned'];
}

export interface StandingPorts {
  readonly about: GatewayFigures['about'];
  readonly journalFolder: string;
  readonly policy: Policy;
  readonly keeper: PolicyKeeper;
  readonly accounts: CallAccounts;
  readonly ingest: IngestQueue;
  readonly wallets: WalletBook;
  readonly exchange: LiveExchange;
  readonly feed: LiveFeed;
  readonly listener: ChangeListener;
  readonly rounds: Rounds;
  readonly clock: DatabaseClock;
  readonly journal: Journal;
  readonly providerHealth: ProviderHealth;
  readonly openStreams: () => number;
  readonly counts: CallCounts;
  readonly reconciler: Reconciler;
  readonly draining: () => boolean;
}

/** What the gateway can tell of itself. */
export interface Standing {
  readonly readiness: () => Readiness;
  readonly figures: () => GatewayFigures;
  /** For operators: /admin/v1/status. */
  readonly status: () => Record<string, unknown>;
}

export function createStanding(ports: StandingPorts): Standing {
  const { about, policy, keeper, accounts, ingest, exchange, rounds, listener, clock, feed, counts } = ports;

  function readiness(): Readiness {
    return readinessOf({
      draining: ports.draining(),
      postgresql: rounds.databaseHealthy,
      redis: exchange.connected,
      policyUsable: keeper.usable,
      journalWritable: ports.journal.writable,
      policy,
    });
  }

  function grants(): GatewayFigures['grants'] {
    let count = 0;
    let idle = 0n;
    let held = 0n;
    let pending = 0n;
    for (const { id } of policy.tenants()) {
      for (const wallet of ports.wallets.of(id)) {
        count += 1;
        idle += wallet.available;
        held += wallet.held;
        pending += wallet.pending;
      }
    }
    return { count, idle, held, pending };
  }

  return {
    readiness,
    figures: () => {
      const { missing, draining } = readiness();
      const away = new Set(ports.providerHealth.away.map(({ id }) => id));
      const { drift, ageMs, orphaned } = ports.reconciler;
      const differences = drift.map(({ wanted, found }) => (wanted > found ? wanted - found : found - wanted));
      return {
        about,
        ready: missing.length === 0,
        draining,
        stores: { postgresql: rounds.databaseHealthy, listen: listener.listening, redis: exchange.connected },
        providers: Object.fromEntries(Array.from(policy.providers.keys(), (id) => [id, !away.has(id)])),
        openCalls: accounts.openCalls,
        openStreams: ports.openStreams(),
        subscribers: feed.subscribers,
        grants: grants(),
        ledger: { waiting: ingest.waiting, lagMs: ingest.lagMs },
        journal: journalOnDisk(ports.journalFolder),
        policyAgeMs: keeper.ageMs,
        clockUncertaintyMs: clock.uncertaintyMs,
        drift: { figures: drift.length, nanoUsd: differences.reduce((sum, one) => sum + one, 0n), ageMs },
        orphaned,
      };
    },
    status: () => ({
      id: about.id,
      version: about.version,
      openCalls: accounts.openCalls,
      ingestWaiting: ingest.waiting,
      ingestLagMs: Math.round(ingest.lagMs),
      policyAgeMs: Math.round(keeper.ageMs),
      stores: { postgres: rounds.databaseHealthy, listening: listener.listening, redis: exchange.connected },
      clock: { databaseNow: new Date(clock.now()).toISOString(), uncertaintyMs: clock.uncertaintyMs },
      subscribers: feed.subscribers,
      overBound: counts.overBound,
      setAside: counts.setAside,
      journalTrouble: counts.journalTrouble,
      draining: ports.draining(),
      drift: ports.reconciler.drift.length,
    }),
  };
}
