import type { GrantScope } from '../grants/grant-authority.ts';
import type { Wallet } from '../grants/wallet.ts';
import type { ChargedCap } from '../ledger/ledger-row.ts';
import { createRollingCount, type RollingCount } from './rolling-count.ts';
import type { CapReport, KnownCap, LiveTenant, OrphanedMoney, TenantReport, Wanted } from './live-report.ts';
import { createRefusing, type CapRoom, type Refusing, type CapOf } from './refusing.ts';

/*
 * What is going on, tenant by tenant.
 *
 *   committed = max(charged that any gateway saw) + Σ pending of every gateway
 *   held      = Σ bounds of open calls of every gateway
 *
 * `charged` comes from PostgreSQL, `pending` and `held` from the wallets, other gateways' figures from their reports. A figure read
 * from the database while a batch is on its way to it may or may not contain the batch: such a figure is not taken, the
 * batch's own answer will have it.
 */

export interface LiveState {
  /** A call of this bound was let through by these caps. */
  admitted(tenantId: string, call: { readonly bound: bigint; readonly scopes: readonly CapOf[] }): void;
  settled(tenantId: string, failed: boolean): void;
  /** A call was turned away; `wanted`: because a cap is reached. */
  refused(tenantId: string, wanted: Wanted | undefined): void;
  /** Figures that came with a grant or a look at the table; `certain`: no batch was under way meanwhile. */
  seen(tenantId: string, scopes: readonly (GrantScope | KnownCap)[], certain: boolean): void;
  charged(caps: readonly ChargedCap[]): void;
  /** The tenant's caps changed: only these exist. */
  keepCaps(tenantId: string, capIds: ReadonlySet<string>): void;
  /** All that silent gateways still hold, over all tenants. */
  orphaned(money: readonly OrphanedMoney[]): void;
  /** Another gateway's word; undefined: it is gone. False: it speaks of a cap, or of a period, that is not known here. */
  heard(gatewayId: string, tenantId: string, report: TenantReport | undefined): boolean;
  forgetGateway(gatewayId: string): void;
  touch(tenantId: string): void;
  /** Tenants where something happened since the last call. */
  takeChanged(): Set<string>;
  /** Once a second those whose windows run out, else none. */
  takeDecayed(): ReadonlySet<string>;
  report(tenantId: string): TenantReport;
  row(tenantId: string): LiveTenant;
  /** Committed and held of one cap in one period, over all gateways. */
  figures(tenantId: string, capId: string, periodStart: number): { readonly committed: bigint; readonly held: bigint };
  /** A cap in its present period; undefined: not known. */
  known(tenantId: string, capId: string): KnownCap | undefined;
  readonly tenantIds: Iterable<string>;
}

export interface LiveStatePorts {
  readonly databaseNow: () => number;
  readonly walletsOf: (tenantId: string) => Iterable<Wallet>;
}

interface Tenant {
  readonly caps: Map<string, KnownCap>;
  readonly calls: RollingCount;
  readonly failed: RollingCount;
  readonly refused: RollingCount;
  readonly others: Map<string, TenantReport>;
  readonly refusing: Refusing;
  orphaned: readonly OrphanedMoney[];
  changedAt: number;
}

const MINUTE_SLOTS = 60;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const STALE_COUNTS_MS = MINUTE_MS;
const NOBODY: ReadonlySet<string> = new Set();

export function createLiveState(ports: LiveStatePorts): LiveState {
  const tenants = new Map<string, Tenant>();
  let changed = new Set<string>();
  /** Windows run on without events: these rows are looked at again each second. */
  const decaying = new Set<string>();
  let decayedAt = 0;

  function tenantOf(id: string): Tenant {
    let tenant = tenants.get(id);
    if (tenant === undefined) {
      tenant = {
        caps: new Map(),
        calls: createRollingCount(MINUTE_SLOTS, SECOND_MS),
        failed: createRollingCount(MINUTE_SLOTS, SECOND_MS),
        refused: createRollingCount(MINUTE_SLOTS, MINUTE_MS),
        others: new Map(),
        refusing: createRefusing(),
        orphaned: [],
        changedAt: ports.databaseNow(),
      };
      tenants.set(id, tenant);
    }
    return tenant;
  }

  function touched(id: string): Tenant {
    const tenant = tenantOf(id);
    changed.add(id);
    tenant.changedAt = ports.databaseNow();
    return tenant;
  }

  /** Later periods replace earlier ones; within a period `charged` only grows. */
  function learn(tenant: Tenant, cap: KnownCap): void {
    const known = tenant.caps.get(cap.capId);
    if (known !== undefined && known.periodStart > cap.periodStart) return;
    const charged = known?.periodStart === cap.periodStart && known.charged > cap.charged ? known.charged : cap.charged;
    const { capId, scope, period, periodStart, periodEnd, limit } = cap;
    tenant.caps.set(capId, { capId, scope, period, periodStart, periodEnd, limit, charged });
  }

  function own(tenantId: string, capId: string, periodStart: number): { pending: bigint; held: bigint } {
    let pending = 0n;
    let held = 0n;
    for (const wallet of ports.walletsOf(tenantId)) {
      for (const scope of wallet.scopes) {
        if (scope.capId !== capId || scope.periodStart !== periodStart) continue;
        pending += wallet.pending;
        held += wallet.held;
      }
    }
    return { pending, held };
  }

  function figures(tenantId: string, capId: string, periodStart: number): { committed: bigint; held: bigint } {
    const tenant = tenantOf(tenantId);
    const known = tenant.caps.get(capId);
    let charged = known?.periodStart === periodStart ? known.charged : 0n;
    let { pending, held } = own(tenantId, capId, periodStart);
    for (const [gatewayId, { caps }] of tenant.others) {
      // Calls of a gateway that fell silent are not open any more; its grants stand for what they may have cost.
      const silent = tenant.orphaned.some((orphan) => orphan.gatewayId === gatewayId);
      for (const other of caps) {
        if (other.capId !== capId || other.periodStart !== periodStart) continue;
        if (BigInt(other.chargedSeen) > charged) charged = BigInt(other.chargedSeen);
        pending += BigInt(other.pending);
        if (!silent) held += BigInt(other.held);
      }
    }
    return { committed: charged + pending, held };
  }

  function roomOf(id: string, tenant: Tenant, capId: string): CapRoom | undefined {
    const cap = tenant.caps.get(capId);
    if (cap === undefined) return undefined;
    const { committed, held } = figures(id, capId, cap.periodStart);
    let remaining = cap.limit - committed - held;
    for (const orphan of tenant.orphaned) {
      if (orphan.capId === capId && orphan.periodStart === cap.periodStart) remaining -= orphan.amount;
    }
    return { periodStart: cap.periodStart, limit: cap.limit, remaining };
  }

  /** 0: calls pass. Judged again whenever somebody looks. */
  function refusingSince(id: string, tenant: Tenant): number {
    return tenant.refusing.since(tenant.others, (capId) => roomOf(id, tenant, capId), ports.databaseNow());
  }

  return {
    admitted: (id, { bound, scopes }) => {
      const tenant = touched(id);
      tenant.refusing.passed(tenant.others, bound, scopes, ports.databaseNow());
    },
    settled: (id, failed) => {
      const tenant = touched(id);
      const now = ports.databaseNow();
      tenant.calls.add(now);
      if (failed) tenant.failed.add(now);
    },
    refused: (id, wanted) => {
      const tenant = touched(id);
      const now = ports.databaseNow();
      tenant.refused.add(now);
      if (wanted !== undefined) tenant.refusing.refused(wanted, now);
    },
    seen: (id, scopes, certain) => {
      const tenant = touched(id);
      for (const scope of scopes) {
        const known = tenant.caps.get(scope.capId);
        if (certain || known?.periodStart !== scope.periodStart) learn(tenant, scope);
        else learn(tenant, { ...known, limit: scope.limit, periodEnd: scope.periodEnd });
      }
    },
    charged: (caps) => {
      for (const { tenantId, capId, periodStart, limit, charged } of caps) {
        const tenant = touched(tenantId);
        const known = tenant.caps.get(capId);
        if (known?.periodStart === periodStart) learn(tenant, { ...known, limit, charged });
      }
    },
    keepCaps: (id, capIds) => {
      const tenant = touched(id);
      for (const capId of tenant.caps.keys()) if (!capIds.has(capId)) tenant.caps.delete(capId);
    },
    orphaned: (money) => {
      for (const [id, tenant] of tenants) {
        if (tenant.orphaned.length === 0) continue;
        tenant.orphaned = [];
        changed.add(id);
      }
      for (const orphan of money) {
        const tenant = touched(orphan.tenantId);
        tenant.orphaned = [...tenant.orphaned, orphan];
      }
    },
    heard: (gatewayId, id, report) => {
      const tenant = touched(id);
      if (report === undefined) tenant.others.delete(gatewayId);
      else tenant.others.set(gatewayId, report);
      return (report?.caps ?? []).every((cap) => (tenant.caps.get(cap.capId)?.periodStart ?? 0) >= cap.periodStart);
    },
    forgetGateway: (gatewayId) => {
      for (const [id, tenant] of tenants) if (tenant.others.delete(gatewayId)) changed.add(id);
    },
    touch: (id) => {
      touched(id);
    },
    takeChanged: () => {
      const taken = changed;
      changed = new Set();
      return taken;
    },
    takeDecayed: () => {
      const now = ports.databaseNow();
      if (now - decayedAt < SECOND_MS) return NOBODY;
      decayedAt = now;
      return decaying;
    },
    report: (id) => {
      const tenant = tenantOf(id);
      const now = ports.databaseNow();
      refusingSince(id, tenant);
      const caps: CapReport[] = [];
      for (const { capId, periodStart, charged } of tenant.caps.values()) {
        const { pending, held } = own(id, capId, periodStart);
        caps.push({
          capId,
          periodStart,
          chargedSeen: Number(charged),
          pending: Number(pending),
          held: Number(held),
        });
      }
      return {
        at: now,
        caps,
        callsLastMinute: tenant.calls.sum(now),
        failedLastMinute: tenant.failed.sum(now),
        refusedLastHour: tenant.refused.sum(now),
        ...tenant.refusing.word,
      };
    },
    row: (id) => {
      const tenant = tenantOf(id);
      const now = ports.databaseNow();
      let calls = tenant.calls.sum(now);
      let failed = tenant.failed.sum(now);
      let refused = tenant.refused.sum(now);
      for (const other of tenant.others.values()) {
        refused += other.refusedLastHour;
        if (now - other.at > STALE_COUNTS_MS) continue;
        calls += other.callsLastMinute;
        failed += other.failedLastMinute;
      }
      const since = refusingSince(id, tenant);
      if (calls + failed + since > 0) decaying.add(id);
      else decaying.delete(id);
      return {
        id,
        at: isoText(tenant.changedAt),
        caps: [...tenant.caps.values()]
          .filter(({ periodEnd }) => periodEnd > now)
          .map((cap) => {
            const { committed, held } = figures(id, cap.capId, cap.periodStart);
            return {
              capId: cap.capId,
              scope: cap.scope,
              period: cap.period,
              periodStart: isoText(cap.periodStart),
              periodEnd: isoText(cap.periodEnd),
              limit: Number(cap.limit),
              committed: Number(committed),
              held: Number(held),
            };
          }),
        callsLastMinute: calls,
        failedLastMinute: failed,
        refusedLastHour: refused,
        refusingSince: since === 0 ? null : isoText(since),
        refusingCapId: since === 0 ? null : tenant.refusing.capId(tenant.others),
      };
    },
    figures,
    known: (id, capId) => tenantOf(id).caps.get(capId),
    tenantIds: { [Symbol.iterator]: () => tenants.keys() },
  };
}

const isoText = (at: number): string => new Date(at).toISOString();
