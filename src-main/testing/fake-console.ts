/**
 * The contract answered from memory: a dozen lively pretend tenants, one of which (Clinic B) refuses until its cap is
 * raised. For developing and testing the window alone. Never part of a console that somebody starts: it vouches for
 * nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { implement } from '@orpc/server';
import type { ConsoleRouter } from '../app/console-router.ts';
import { summarise } from '../board/board-rules.ts';
import type { AuditEntry, AuditMemory } from '../contract/audit.ts';
import type { BoardFrame, BoardRow } from '../contract/board.ts';
import { contract } from '../contract/contract.ts';
import type { SessionState } from '../contract/session.ts';
import type { TenantActivity } from '../contract/tenants.ts';
import { fakeActivity, fakeExplanation } from './fake-activity.ts';
import { createFakeAccess } from './fake-access.ts';
import { createFakeAudit } from './fake-audit.ts';
import { createFakeAlerts, createFakeLimits } from './fake-limits.ts';
import { createFakeIsolation } from './fake-isolation.ts';
import { createFakeCaps } from './fake-caps.ts';
import { createFakeReports } from './fake-reports.ts';
import { fakeSession } from './fake-session.ts';
import { createFakeShell } from './fake-shell.ts';
import { createFakeMargins } from './fake-margins.ts';
import { createFakeClients } from './fake-clients.ts';
import { fakeId, fakeTenants, judged } from './fake-tenants.ts';

export interface FakeConsoleOptions {
  /** How many tenants; 12 when absent, 0 for an empty board. */
  readonly tenants?: number;
  /** Milliseconds between two frames of the board; 0: the figures stand still. Default 500. */
  readonly frameMs?: number;
  /** Milliseconds a cap change takes, so that "pending" can be seen. Default 300. */
  readonly changeMs?: number;
  readonly session?: Partial<SessionState>;
  /** What it remembers of the audit log; nothing is wrong when absent. */
  readonly memory?: Partial<AuditMemory>;
}

export interface FakeConsole {
  readonly router: ConsoleRouter;
  /** Another operator changes the cap: the next change with the old version is a conflict. */
  changeElsewhere(tenantId: string, limitNanoUsd: bigint): void;
  /** All gateways gone (ledger), everything gone (unknown), or back (live). */
  setSource(source: BoardRow['source']): void;
  close(): void;
}

/** Makes the pretend console; every call of the contract answers, nothing is kept. */
export function createFakeConsole(options: FakeConsoleOptions = {}): FakeConsole {
  const { tenants = 12, frameMs = 500, changeMs = 300 } = options;
  const started = new Date();
  const closed = new AbortController();
  const rows = new Map(fakeTenants(tenants, started).map((row) => [row.tenantId, row]));
  const entries: AuditEntry[] = [];
  const session = fakeSession(started, {
    operator: {
      login: 'asha',
      name: 'Asha Rao',
      role: 'operator',
      raiseLimitNanoUsd: 500_000_000_000n,
      raised24hNanoUsd: 0n,
    },
    gateways: [{ id: fakeId(7, 1), name: 'pretend', silentSince: null }],
    ...options.session,
  });
  let tick = 0;

  function frame(kind: BoardFrame['kind'], changed: BoardRow[]): BoardFrame {
    return {
      kind,
      at: new Date(),
      keptAsOf: null,
      returns: 1,
      rows: changed,
      removed: [],
      summary: summarise(rows.values()),
    };
  }

  /** Moves about a quarter of the tenants a little, never above a cap. */
  function move(): BoardRow[] {
    tick += 1;
    const moved: BoardRow[] = [];
    for (const [index, row] of [...rows.values()].entries()) {
      if ((index + tick) % 4 !== 0 || row.status !== 'active' || row.cap === null || row.source !== 'live') continue;
      const room = row.cap.limitNanoUsd - (row.committedNanoUsd ?? 0n);
      const step = row.cap.limitNanoUsd / 1500n;
      const passes = room > step;
      const next = judged({
        ...row,
        asOf: new Date(),
        committedNanoUsd: (row.committedNanoUsd ?? 0n) + (passes ? step : 0n),
        heldNanoUsd: passes ? step * BigInt(1 + (tick % 3)) : 0n,
        spentTodayNanoUsd: (row.spentTodayNanoUsd ?? 0n) + (passes ? step : 0n),
        callsLastMinute: 3 + ((index + tick) % 11),
        refusedLastHour: (row.refusedLastHour ?? 0) + (passes ? 0 : 1),
        refusingSince: passes ? null : (row.refusingSince ?? new Date()),
      });
      rows.set(row.tenantId, next);
      moved.push(next);
    }
    return moved;
  }

  async function* watchBoard(signal: AbortSignal | undefined): AsyncGenerator<BoardFrame> {
    yield frame('snapshot', [...rows.values()]);
    const either = AbortSignal.any([closed.signal, ...(signal ? [signal] : [])]);
    let shown = new Map(rows);
    while (!either.aborted) {
      await delay(frameMs || 250, undefined, { signal: either }).catch(() => undefined);
      if (either.aborted) return;
      if (frameMs > 0) move();
      const before = shown;
      shown = new Map(rows);
      yield frame(
        'changes',
        [...rows.values()].filter((row) => before.get(row.tenantId) !== row),
      );
    }
  }

  async function* watchActivity(tenantId: string, signal: AbortSignal | undefined): AsyncGenerator<TenantActivity> {
    const either = AbortSignal.any([closed.signal, ...(signal ? [signal] : [])]);
    for (let row = rows.get(tenantId); row && !either.aborted; row = rows.get(tenantId)) {
      yield fakeActivity(row, new Date());
      await delay(frameMs || 250, undefined, { signal: either }).catch(() => undefined);
    }
  }

  async function* watchOne<T>(value: T, signal: AbortSignal | undefined): AsyncGenerator<T> {
    yield value;
    await untilAborted(signal);
  }

  async function* beat(signal: AbortSignal | undefined): AsyncGenerator<{ at: Date }> {
    const either = AbortSignal.any([closed.signal, ...(signal ? [signal] : [])]);
    while (!either.aborted) {
      yield { at: new Date() };
      await delay(1_000, undefined, { signal: either }).catch(() => undefined);
    }
  }

  async function untilAborted(signal: AbortSignal | undefined): Promise<void> {
    const either = AbortSignal.any([closed.signal, ...(signal ? [signal] : [])]);
    if (either.aborted) return;
    await new Promise((resolve) => either.addEventListener('abort', resolve, { once: true }));
  }

  function logChange(row: BoardRow, login: string, action: string, after: BoardRow): void {
    rows.set(row.tenantId, after);
    entries.unshift({
      id: BigInt(entries.length + 1),
      at: new Date(),
      tenantId: row.tenantId,
      tenantName: row.name,
      seq: BigInt(entries.filter(({ tenantId }) => tenantId === row.tenantId).length + 1),
      login,
      operatorName: login === 'asha' ? 'Asha Rao' : null,
      action,
      target: `cap:${row.cap?.capId}`,
      before: JSON.stringify({ limitNanoUsd: Number(row.cap?.limitNanoUsd), version: row.cap?.version }),
      after: JSON.stringify({ limitNanoUsd: Number(after.cap?.limitNanoUsd), version: after.cap?.version }),
      reason: null,
    });
  }

  const caps = createFakeCaps({ row: (tenantId) => rows.get(tenantId), changed: logChange, changeMs });
  const clients = createFakeClients({ rows });
  const os = implement(contract);
  const router = os.router({
    ...createFakeAccess(),
    session: {
      watch: os.session.watch.handler(({ signal }) => watchOne(session, signal)),
      missed: os.session.missed.handler(() => null),
      missedSeen: os.session.missedSeen.handler(() => ({})),
      pulse: os.session.pulse.handler(({ signal }) => beat(signal)),
    },
    board: { watch: os.board.watch.handler(({ signal }) => watchBoard(signal)) },
    caps: caps.handlers,
    limits: createFakeLimits(),
    alerts: createFakeAlerts(watchOne),
    requests: {
      watch: os.requests.watch.handler(({ signal }) => watchOne({ items: [], asOf: new Date() }, signal)),
      ask: os.requests.ask.handler(() => ({ requestId: fakeId(9, 1) })),
      decide: os.requests.decide.handler(({ errors }) => {
        throw errors.NOT_FOUND({ message: 'There is no such request.' });
      }),
      decideRaise: os.requests.decideRaise.handler(({ errors }) => {
        throw errors.NOT_FOUND({ message: 'There is no such raise.' });
      }),
      history: os.requests.history.handler(() => ({ requests: [] })),
    },
    keys: clients.keys,
    tenants: {
      ...clients.tenants,
      detail: os.tenants.detail.handler(({ input, errors }) => {
        const row = rows.get(input.tenantId);
        if (!row) throw errors.NOT_FOUND({ message: 'There is no such tenant.' });
        const share = (row.committedNanoUsd ?? 0n) / 4n;
        return {
          tenantId: row.tenantId,
          status: row.status,
          version: clients.versionOf(row.tenantId),
          anchorDay: 1,
          month: started.toISOString().slice(0, 7),
          workflows: ['Lead scoring', 'Support triage', 'Content generation'].map((name, index) => ({
            workflowId: fakeId(3, index),
            slug: name.toLowerCase().replace(' ', '-'),
            name,
            calls: 2400 - index * 700,
            failedCalls: index * 3,
            costNanoUsd: share * BigInt(2 - (index > 0 ? 1 : 0)),
            p50Ms: 640 + index * 90,
            p95Ms: 1_900 + index * 700,
          })),
          messages: 5_100,
          conversations: 1_240,
          integrationCalls: 310,
          asOf: new Date(),
        };
      }),
      watch: os.tenants.watch.handler(({ input, signal }) => watchActivity(input.tenantId, signal)),
      explainRefusal: os.tenants.explainRefusal.handler(({ input, errors }) => {
        const row = rows.get(input.tenantId);
        if (!row) throw errors.NOT_FOUND({ message: 'There is no such tenant.' });
        return fakeExplanation(row, input.requestId, new Date());
      }),
    },
    margins: createFakeMargins(closed.signal),
    reports: createFakeReports(rows, started),
    grants: {
      watchOrphaned: os.grants.watchOrphaned.handler(({ signal }) =>
        watchOne({ grants: [], asOf: new Date() }, signal),
      ),
      release: os.grants.release.handler(({ errors }) => {
        throw errors.CONFLICT({ message: 'This grant is released already.', data: {} });
      }),
    },
    prices: { unpriced: os.prices.unpriced.handler(() => ({ models: [], more: false, asOf: new Date() })) },
    isolation: createFakeIsolation(),
    shell: createFakeShell(watchOne),
    welcome: {
      state: os.welcome.state.handler(() => ({ seen: true })),
      putAway: os.welcome.putAway.handler(() => ({ seen: true })),
    },
    audit: createFakeAudit({
      entries,
      memory: { alarms: [], remembered: tenants + 1, comparedAt: started, trouble: null, ...options.memory },
      stay: watchOne,
    }),
  });

  return {
    router,
    changeElsewhere(tenantId, limitNanoUsd) {
      caps.changeElsewhere(tenantId, limitNanoUsd);
    },
    setSource(source) {
      for (const [id, row] of rows) {
        const known = source === 'unknown' ? { committedNanoUsd: null, asOf: null } : {};
        const unseen = { callsLastMinute: null, failedLastMinute: null, heldNanoUsd: null, refusingSince: null };
        const seen = { callsLastMinute: 1, failedLastMinute: 0, heldNanoUsd: 0n };
        rows.set(id, judged({ ...row, ...known, ...(source === 'live' ? seen : unseen), source }));
      }
    },
    close: () => closed.abort(),
  };
}
